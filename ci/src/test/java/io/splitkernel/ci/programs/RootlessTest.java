package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.ci.programs.RootlessMachine.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An ordinary user, in a group that {@code lego grant} was run for, has the whole of Lego; one
 * outside of it is told in a line what to ask for.
 */
@Timeout(600)
final class RootlessTest {
  private static final String SORT =
      "seq 1 400000 | awk '{ print ($1 * 2654435761) % 4294967296, $1 }' | ";
  private static RootlessMachine machine;

  @BeforeAll
  static void setUp() throws Exception {
    machine = RootlessMachine.start();
    Answer granted = machine.asRoot(machine.lego(), "grant", "--group", machine.group());
    assertEquals(0, granted.status(), granted::errors);
    Answer version = machine.asMember(machine.lego(), "--version");
    assumeTrue(version.status() == 0, "ordinary users can execute this JDK: " + version.errors());
  }

  @AfterAll
  static void tearDown() throws Exception {
    if (machine != null) {
      machine.close();
    }
  }

  private static Answer run(String... command) throws Exception {
    String[] line = {machine.lego(), "run", "--cache", "8m", "--memory", "1g", "--"};
    String[] all = new String[line.length + command.length];
    System.arraycopy(line, 0, all, 0, line.length);
    System.arraycopy(command, 0, all, line.length, command.length);
    return machine.asMember(all);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "advice-to-free",
        "exec-and-back",
        "fork-then-change",
        "interrupting-handlers",
        "locked-memory",
        "memory-by-file",
        "no-descriptors",
        "out-of-sight",
        "own-page-faults",
        "own-user-namespace",
        "queued-signals",
        "traced-child"
      })
  void shouldBehaveAsNativelyInSituations(String name) throws Exception {
    Path program = Path.of(Workspace.compiled("situations/" + name));
    String copy = machine.home().resolve(name).toString();
    // not by this process: it does not see the user's home
    Answer copied = machine.asRoot("install", "-m", "755", program.toString(), copy);
    assertEquals(0, copied.status(), copied::errors);
    Answer natively = machine.asMember(copy);
    Answer lego = run(copy);
    assertEquals(
        natively.output() + "exit status " + natively.status(),
        lego.output() + "exit status " + lego.status(),
        lego::errors);
  }

  @Test
  void shouldSortAsNatively() throws Exception {
    Answer natively = machine.asMember("sh", "-c", SORT + "sort | cksum");
    Answer lego = run("sh", "-c", "id -u; " + SORT + "sort | cksum");
    String user = machine.asMember("id", "-u").output();
    assertEquals(user + natively.output(), lego.output(), lego::errors);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "python3 -c 'd = {str(i): [i] for i in range(100000)}; print(sum(len(v) for v in d.values()))'",
        "perl -e '$h{$_} = \"x\" x 20 for 1..60000; print scalar(keys %h), \"\\n\"'",
        "gcc --version | head -n 1; echo 'int main(void) { return 3; }' >p.c; gcc -o p p.c && ./p; echo $?"
      })
  void shouldRunRealProgramsAsNatively(String program) throws Exception {
    Workspace.installed(program.substring(0, program.indexOf(' ')));
    Answer natively = machine.asMember("sh", "-c", program);
    assertEquals(0, natively.status(), natively::errors);
    Answer lego = run("sh", "-c", program);
    assertEquals(natively.output(), lego.output(), lego::errors);
    assertEquals(0, lego.status());
  }

  @Test
  void shouldReplaceAHelperThatWasKilled() throws Exception {
    String program = "kill -9 $(pgrep -u $(id -u) lego-userfaultf) && " + SORT + "sort | wc -l";
    Answer lego = run("sh", "-c", program);
    assertEquals("400000\n", lego.output(), lego::errors);
    assertEquals(0, lego.status());
  }

  @Test
  void shouldHaveClustersVolumesAndMounts() throws Exception {
    assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "there is no /dev/fuse");
    Workspace.installed("fusermount3");
    Answer answer =
        machine.asMember("sh", "-c", CLUSTER, "sh", machine.lego(), SORT + "sort | wc -l");
    assertEquals(
        """
        400000
        copied
        from the mount
        from the mount
        in the volume
        """,
        answer.output(),
        answer::errors);
    assertEquals(0, answer.status(), answer::errors);
  }

  private static final String CLUSTER =
      """
      set -eu
      lego=$1
      export LEGO_STATE_DIR=$HOME/state LEGO_STORE=$HOME/store
      "$lego" up -m 1 -s 1 >up.txt
      trap '"$lego" down >/dev/null' EXIT
      export LEGO_MONITOR=$(sed -n 's/^monitor //p' up.txt)
      "$lego" run --cache 8m --memory 200m -- sh -c "$2"
      "$lego" fs mkvol data --quota 100m
      "$lego" fs mkdir data:/d
      "$lego" fs cp "$lego" data:/d/f
      "$lego" fs cat data:/d/f | cmp - "$lego" && echo copied
      mkdir mount
      "$lego" fs mount data mount >mount.txt &
      n=0
      until [ -e mount/d/f ]; do
        n=$((n + 1))
        [ $n -lt 600 ] || exit 9
        sleep 0.1
      done
      echo 'from the mount' >mount/g
      cat mount/g
      "$lego" fs umount mount
      wait
      "$lego" run --cache 8m --memory 200m --root-volume data -- \\
        sh -c 'cat g; echo "in the volume" >h; cat h'
      """;

  @Test
  void shouldSayInOneLineWhatToAskFor() throws Exception {
    Answer stranger = machine.asStranger(machine.lego(), "run", "--", "true");
    assertEquals(125, stranger.status());
    assertEquals(1, stranger.errors().lines().count(), stranger::errors);
    assertTrue(stranger.errors().contains("ask the administrator"), stranger::errors);
    assertTrue(stranger.errors().contains("usermod -aG " + machine.group()), stranger::errors);

    Answer doctor = machine.asStranger(machine.lego(), "doctor");
    assertEquals(1, doctor.status());
    assertTrue(doctor.output().contains("usermod -aG " + machine.group()), doctor::output);

    Answer doctorOfMember = machine.asMember(machine.lego(), "doctor");
    assertEquals(0, doctorOfMember.status(), doctorOfMember::output);
  }

  @Test
  void shouldGrantOnlyAsRoot() throws Exception {
    Answer refused = machine.asMember(machine.lego(), "grant", "--group", machine.group());
    assertEquals(1, refused.status());
    assertTrue(refused.errors().contains("only root"), refused::errors);
  }
}

package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Syscall;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a JVM whose program has descendants of every kind: nothing is left of them. */
@Timeout(60)
class FamilyKillTest {
  private static final long SYS_KILL = 62;
  private static final int SIGKILL = 9;
  private static final int SIGSTOP = 19;

  /**
   * Daemons, a chain of children, one that is stopped, one in a group of its own; all ignore what
   * can be ignored, wait for the pipe to be closed, and then say so.
   */
  private static final String FAMILY =
      """
      import os, signal, sys
      directory, pipe = sys.argv[1], int(sys.argv[2])
      def member(name):
          for s in set(range(1, 32)) - {9, 19}:
              signal.signal(s, signal.SIG_IGN)
          with open(directory + '/' + name + '.new', 'w') as f:
              f.write(str(os.getpid()))
          os.rename(directory + '/' + name + '.new', directory + '/' + name + '.pid')
          if name == 'stopped':
              os.kill(os.getpid(), signal.SIGSTOP)
          os.read(pipe, 1)
          open(directory + '/closed', 'w')
          os._exit(0)
      for i in range(8):
          if os.fork() == 0:
              os.setsid()
              if os.fork() == 0:
                  member('daemon%d' % i)
              os._exit(0)
      for name in 'stopped', 'group':
          if os.fork() == 0:
              if name == 'group':
                  os.setpgid(0, 0)
              member(name)
      for i in range(8):
          if os.fork() == 0:
              continue
          member('chain%d' % i)
      member('last')
      """;

  private static final int MEMBERS = 8 + 2 + 8 + 1;

  @TempDir Path directory;
  private Process jvm;
  private BufferedReader output;
  private int guard;
  private int keeper;
  private List<Integer> members;

  @BeforeEach
  void startFamily() throws Exception {
    List<String> command = new ArrayList<>(List.of("setsid", java()));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(KeeperChild.class.getName(), "/usr/bin/python3", "-c", FAMILY));
    command.add(directory.toString());
    jvm = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    output = jvm.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    assertNotNull(line, "it has not started");
    String[] pids = line.split(" ");
    guard = Integer.parseInt(pids[0]);
    keeper = Integer.parseInt(pids[1]);
    await("the whole family", () -> pids().size() == MEMBERS);
    members = pids();
    assertTrue(members.contains(Integer.parseInt(pids[2])));
  }

  @AfterEach
  void killRest() {
    jvm.destroyForcibly();
    members.forEach(pid -> Syscall.call(SYS_KILL, pid, SIGKILL, 0));
  }

  @Test
  void shouldLeaveNothingWhenTheJvmIsKilled() {
    kill((int) jvm.pid(), SIGKILL);
    assertNothingIsLeft();
  }

  @Test
  void shouldLeaveNothingWhenTheWholeProcessGroupIsKilled() {
    kill(-(int) jvm.pid(), SIGKILL);
    assertNothingIsLeft();
  }

  @Test
  void shouldLeaveNothingWhenTheWholeGroupIsStoppedAndTheJvmKilled() {
    kill(-(int) jvm.pid(), SIGSTOP);
    await("a stopped keeper", () -> state(keeper) == 'T');
    kill((int) jvm.pid(), SIGKILL);
    assertNothingIsLeft();
  }

  @Test
  void shouldKillTheFamilyAndTellTheJvmWhenTheKeeperIsKilled() throws IOException {
    kill(keeper, SIGKILL);
    await("an end of the family", () -> members.stream().noneMatch(FamilyKillTest::lives));
    assertTrue(output.readLine().startsWith("KeeperDied"));
    assertFalse(Files.exists(directory.resolve("closed")));
  }

  @Test
  void shouldKillTheFamilyAndTellTheJvmWhenTheGuardIsKilled() throws IOException {
    kill(guard, SIGKILL);
    await("an end of the family", () -> members.stream().noneMatch(FamilyKillTest::lives));
    assertTrue(output.readLine().startsWith("KeeperDied"));
    assertFalse(Files.exists(directory.resolve("closed")));
  }

  private void assertNothingIsLeft() {
    await("an end of the family", () -> members.stream().noneMatch(FamilyKillTest::lives));
    await("an end of its keepers", () -> !lives(keeper) && !lives(guard));
    assertFalse(
        Files.exists(directory.resolve("closed")), "somebody has seen a descriptor being closed");
    assertEquals(MEMBERS, pids().size(), "more of them than there were");
  }

  private List<Integer> pids() {
    List<Integer> pids = new ArrayList<>();
    try (var files = Files.newDirectoryStream(directory, "*.pid")) {
      for (Path file : files) {
        pids.add(Integer.parseInt(Files.readString(file)));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return pids;
  }

  private static String java() {
    return System.getProperty("java.home") + "/bin/java";
  }

  private static void kill(int pid, int signal) {
    assertEquals(0, Syscall.call(SYS_KILL, pid, signal, 0));
  }

  private static boolean lives(int pid) {
    return "ZX?".indexOf(state(pid)) < 0;
  }

  private static char state(int pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      return '?';
    }
  }

  private static void await(String what, java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(5))
        .until(condition);
  }
}

package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs whose memory is in a memory component and whose files are in a storage component. */
@Timeout(240)
class RootVolumeTest {
  private static final long SECONDS_MAX = 100;
  private static final String CACHE = "8m";
  private static final int LEGO_FAILED = 125;

  @TempDir Path scratch;
  private final Processes processes = new Processes();
  private Map<String, String> environment;
  private Path caller;
  private List<String> sharedMemory;

  /** The first command of a fresh build says that it prepares something. */
  @BeforeAll
  static void warmUp() throws Exception {
    Processes own = new Processes();
    List<String> line = List.of(Workspace.lego().toString(), "config");
    try (LiveProgram command = new LiveProgram(Path.of("/"), own.environment(), line)) {
      assertEquals(0, command.exitStatus(SECONDS_MAX), command.output());
    }
  }

  @BeforeEach
  void prepare() throws IOException {
    assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
    assumeTrue(Files.exists(Path.of("/usr/bin/fusermount3")), "fuse3 is not installed");
    environment = processes.environment();
    environment.put("LEGO_STATE_DIR", scratch.resolve("state").toString());
    environment.put("LEGO_MCOMPONENT_MEMORY", "256m");
    environment.put("LEGO_MEMORY", "1g");
    environment.put("LEGO_CACHE", CACHE);
    caller = Files.createDirectory(scratch.resolve("caller"));
    sharedMemory = Processes.sharedMemoryFiles();
  }

  @AfterEach
  void leaveNothing() throws IOException {
    try {
      LiveProgram.await(10, "no process is left", () -> processes.alive().isEmpty());
      assertEquals(List.of(), mounts());
      assertEquals(List.of(), runDirectories());
      assertEquals(sharedMemory, Processes.sharedMemoryFiles());
    } finally {
      processes.killAll();
    }
  }

  private List<String> mounts() throws IOException {
    return Files.readString(Path.of("/proc/self/mountinfo"))
        .lines()
        .filter(line -> line.contains(scratch.toString()))
        .toList();
  }

  private List<String> runDirectories() {
    Path all = scratch.resolve("state-runs");
    if (!Files.exists(all)) {
      return List.of();
    }
    try (Stream<Path> runs = Files.list(all)) {
      return runs.map(run -> run.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LiveProgram start(String... words) throws IOException {
    List<String> line = new ArrayList<>(List.of(Workspace.lego().toString()));
    line.addAll(List.of(words));
    return new LiveProgram(caller, environment, line);
  }

  private String lego(int status, String... words) throws Exception {
    try (LiveProgram command = start(words)) {
      assertEquals(status, command.exitStatus(SECONDS_MAX), command.output());
      return command.output();
    }
  }

  private String[] embedded(String... program) {
    String store = scratch.resolve("store").toString();
    String[] options = {"run", "--store", store, "--root-volume", "data", "--"};
    String[] all = Arrays.copyOf(options, options.length + program.length);
    System.arraycopy(program, 0, all, options.length, program.length);
    return all;
  }

  private String natively(String... program) throws Exception {
    Path directory = Files.createDirectories(scratch.resolve("native"));
    try (LiveProgram command = new LiveProgram(directory, environment, List.of(program))) {
      assertEquals(0, command.exitStatus(SECONDS_MAX), command.output());
      return command.output();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"wal", "delete"})
  void shouldRunADatabaseAsNatively(String journal) throws Exception {
    String sqlite = Workspace.installed("sqlite3");
    String fill =
        "pragma journal_mode="
            + journal
            + "; pragma cache_size=-20000; create table t(k integer primary key, v text);"
            + " with recursive n(i) as (select 1 union all select i+1 from n where i<60000)"
            + " insert into t select i, hex(i*7919)||substr(hex(zeroblob(80)),1,i%160) from n;"
            + " begin; update t set v=v||'x' where k%3=0; delete from t where k%7=0; commit;"
            + " begin; delete from t; rollback;";
    String ask =
        "create index by_v on t(v); select count(*), sum(length(v)), max(v) from t;"
            + " select k from t order by v desc limit 5; pragma integrity_check;";
    assertEquals(natively(sqlite, "db.sqlite", fill), lego(0, embedded(sqlite, "db.sqlite", fill)));
    String answer = natively(sqlite, "db.sqlite", ask);
    assertTrue(answer.endsWith("ok\n"), answer);
    assertEquals(answer, lego(0, embedded(sqlite, "db.sqlite", ask)));
    assertEquals("db.sqlite\n", lego(0, embedded("ls")));
    assertFalse(Files.exists(caller.resolve("db.sqlite")));
  }

  @Test
  void shouldKeepFilesWhoseMemoryIsEvicted() throws Exception {
    String program = Workspace.compiled("volume");
    String[] sums = {"sh", "-c", "sha256sum written direct mapped directory/link; stat -c %a *"};
    assertEquals(natively(program), lego(0, embedded(program)));
    assertEquals(natively(sums), lego(0, embedded(sums)));
  }

  @Test
  void shouldFindTheProgramWhereTheCallerIs() throws Exception {
    Path script = Files.writeString(caller.resolve("script"), "#!/bin/sh\necho \"$1 $PWD\"\npwd\n");
    assertTrue(script.toFile().setExecutable(true));
    environment.put("PWD", caller.toString());
    List<String> lines = lego(0, embedded("./script", "an argument")).lines().toList();
    assertEquals(2, lines.size(), lines.toString());
    assertEquals("an argument " + lines.getLast(), lines.getFirst());
    assertTrue(lines.getLast().startsWith(scratch.resolve("state-runs").toString()));
    environment.put("PATH", ".:/usr/bin:/bin");
    assertEquals(2, lego(0, embedded("script", "b")).lines().count());
    assertEquals("", lego(9, embedded("sh", "-c", "exit 9")));
    assertEquals("", lego(128 + 9, embedded("sh", "-c", "kill -9 $$")));
    assertTrue(lego(127, embedded("no-such-program")).contains("not found in PATH"));
  }

  @Test
  void shouldSayInOneLineWhatIsMissing() throws Exception {
    String store = scratch.resolve("store").toString();
    String none = lego(LEGO_FAILED, "run", "--root-volume", "data", "--", "true");
    assertTrue(none.contains("no storage component: give --store DIR"), none);
    assertEquals(1, none.lines().count(), none);
    String name = lego(LEGO_FAILED, "run", "--store", store, "--root-volume", "a/b", "--", "true");
    assertTrue(name.contains("a name is 1 to 64 letters"), name);
    assertTrue(lego(2, "run", "--store", store, "--", "true").contains("--root-volume"));
    String away =
        "mount -t tmpfs none /mnt; for i in null zero urandom random tty; do"
            + " cp -a /dev/$i /mnt; done; mkdir /mnt/shm; mount --bind /mnt /dev; exec \"$@\"";
    List<String> line =
        new ArrayList<>(List.of("unshare", "-m", "sh", "-c", away, "sh", "" + Workspace.lego()));
    line.addAll(List.of(embedded("true")));
    try (LiveProgram command = new LiveProgram(caller, environment, line)) {
      assertEquals(LEGO_FAILED, command.exitStatus(SECONDS_MAX), command.output());
      assertTrue(command.output().contains("/dev/fuse, which is missing"), command.output());
      assertEquals(1, command.output().lines().count(), command.output());
    }
  }

  @Test
  void shouldLeaveNothingWhenItIsKilled() throws Exception {
    try (LiveProgram run = start(embedded("sh", "-c", "echo kept >f; echo ready; exec sleep 99"))) {
      run.expect("ready", SECONDS_MAX);
      assertEquals(1, mounts().size(), mounts().toString());
      LiveProgram.kill("KILL", run.pid());
      run.exitStatus(SECONDS_MAX);
      LiveProgram.await(20, "its processes end", () -> processes.alive().isEmpty());
    }
    assertEquals(1, runDirectories().size());
    assertEquals("kept\n", lego(0, embedded("cat", "f")));
    assertEquals(List.of(), mounts());
    assertEquals(List.of(), runDirectories());
  }

  @Test
  void shouldLeaveADeadMountToUmount() throws Exception {
    try (LiveProgram run = start(embedded("sh", "-c", "echo ready; exec sleep 99"))) {
      run.expect("ready", SECONDS_MAX);
      LiveProgram.kill("KILL", run.pid());
      run.exitStatus(SECONDS_MAX);
    }
    Path dead = scratch.resolve("state-runs").resolve(runDirectories().getFirst());
    lego(0, "fs", "umount", dead.toString());
    assertEquals(List.of(), runDirectories());
  }

  @Test
  void shouldEndWithItsProgramOnASignal() throws Exception {
    try (LiveProgram run = start(embedded("sh", "-c", "echo ready; exec sleep 99"))) {
      run.expect("ready", SECONDS_MAX);
      LiveProgram.kill("TERM", run.pid());
      assertEquals(128 + 15, run.exitStatus(SECONDS_MAX), run.output());
    }
  }

  @Test
  void shouldRunOnAClusterWithStorage() throws Exception {
    environment.put("LEGO_STORE", scratch.resolve("stores").toString());
    String monitor = lego(0, "up", "-m", "2", "-s", "1").lines().toList().getLast();
    try {
      environment.put("LEGO_MONITOR", monitor.replaceFirst("^monitor ", ""));
      String missing = lego(LEGO_FAILED, "run", "--root-volume", "data", "--", "true");
      assertTrue(missing.contains("'lego fs mkvol data' makes one"), missing);
      lego(0, "fs", "mkvol", "data");
      String program = Workspace.compiled("volume");
      String expected = natively(program);
      assertEquals(expected, lego(0, "run", "--root-volume", "data", "--", program));
      Path copy = scratch.resolve("copy");
      lego(0, "fs", "cp", "data:/mapped", copy.toString());
      assertEquals(-1, Files.mismatch(scratch.resolve("native/mapped"), copy));
      assertEquals("direct\ndirectory\nmapped\nwritten\n", lego(0, "fs", "ls", "data:/"));
      failWhenTheStorageIsGone();
    } finally {
      lego(0, "down");
    }
  }

  private void failWhenTheStorageIsGone() throws Exception {
    environment.put("LEGO_RETRY", "2");
    String wait = "echo unsynced >f; echo ready; read line; exit 3";
    try (LiveProgram run = start("run", "--root-volume", "data", "--", "sh", "-c", wait)) {
      run.expect("ready", SECONDS_MAX);
      LiveProgram.kill("KILL", processes.withCommand("scomponent").getFirst());
      run.send("go on\n");
      assertEquals(LEGO_FAILED, run.exitStatus(SECONDS_MAX), run.output());
      assertTrue(run.output().contains("is stored: /"), run.output());
    }
  }

  @Test
  void shouldSyncWhatTheProgramDidNot() throws Exception {
    Path json = scratch.resolve("run.json");
    String[] run = embedded("sh", "-c", "mkdir d; for i in 1 2 3 4; do echo $i >d/$i; done");
    List<String> words = new ArrayList<>(List.of(run));
    words.addAll(1, List.of("--json", json.toString()));
    assertEquals("", lego(0, words.toArray(String[]::new)));
    String summary = Files.readString(json);
    // four files, their directory and the root
    assertTrue(summary.contains("\"volume_syncs\":6,"), summary);
    assertTrue(summary.contains("\"volume_written_bytes\":8,"), summary);
  }
}

package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files on the storage component of a cluster, by the commands that people use. */
@Timeout(240)
class StorageCommandsTest {
  private static final long SECONDS_MAX = 60;
  private static final int FILE_BYTES = 200 << 20;

  @TempDir Path scratch;
  private final Processes processes = new Processes();
  private Map<String, String> environment;
  private String monitor;

  @BeforeEach
  void bringUp() throws Exception {
    environment = processes.environment();
    environment.put("LEGO_STATE_DIR", scratch.resolve("state").toString());
    environment.put("LEGO_MCOMPONENT_MEMORY", "64m");
    environment.put("LEGO_STORE", scratch.resolve("store").toString());
    String output = lego("up", "-s", "1");
    monitor = output.lines().reduce((first, second) -> second).orElse("");
    monitor = monitor.replaceFirst("^monitor ", "");
    assertEquals("", lego("fs", "mkvol", "data"));
  }

  @AfterEach
  void takeDown() throws Exception {
    try {
      lego("down");
      LiveProgram.await(10, "nothing is left", () -> processes.alive().isEmpty());
    } finally {
      processes.killAll();
    }
  }

  private LiveProgram start(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of(Workspace.lego().toString()));
    line.addAll(List.of(arguments));
    return new LiveProgram(scratch, environment, line);
  }

  private String lego(String... arguments) throws Exception {
    return lego(0, arguments);
  }

  private String lego(int status, String... arguments) throws Exception {
    try (LiveProgram command = start(arguments)) {
      assertEquals(status, command.exitStatus(SECONDS_MAX), command.output());
      return command.output();
    }
  }

  private Path file(String name, int length) throws Exception {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return Files.write(scratch.resolve(name), bytes);
  }

  @Test
  void shouldCopyListAndRemoveTrees() throws Exception {
    Path tree = Files.createDirectories(scratch.resolve("tree/deep"));
    Files.writeString(tree.resolve("text"), "some text\n");
    Files.createSymbolicLink(tree.resolve("link"), Path.of("text"));
    file("tree/binary", 3_000_001);
    lego("fs", "cp", "-r", scratch.resolve("tree").toString(), "data:/");
    assertEquals("binary\ndeep\n", lego("fs", "ls", "data:/tree"));
    assertEquals("some text\n", lego("fs", "cat", "data:/tree/deep/link"));
    lego("fs", "cp", "-r", "data:/tree", scratch.resolve("back").toString());
    assertEquals(
        -1, Files.mismatch(scratch.resolve("tree/binary"), scratch.resolve("back/binary")));
    String refused = lego(2, "fs", "rm", "data:/tree");
    assertTrue(refused.contains("give -r"), refused);
    lego("fs", "rm", "-r", "data:/tree");
    assertEquals("", lego("fs", "ls", "data:/"));
    String missing = lego(1, "fs", "cat", "data:/tree");
    assertTrue(missing.contains("ENOENT"), missing);
    assertEquals("data\n", lego("fs", "ls"));
  }

  @Test
  void shouldRunADatabaseOnAMountedVolume() throws Exception {
    assumeTrue(Files.exists(Path.of("/usr/bin/fusermount3")), "fuse3 is not installed");
    Path directory = Files.createDirectory(scratch.resolve("mounted"));
    try (LiveProgram mount = start("fs", "mount", "data", directory.toString())) {
      LiveProgram.await(30, "it is mounted", () -> mount.output().contains("mounted "));
      String sql =
          "pragma journal_mode=wal; create table t(x); insert into t values(41);"
              + " update t set x=x+1; select x from t; pragma integrity_check;";
      List<String> line = List.of("sqlite3", directory.resolve("db").toString(), sql);
      try (LiveProgram sqlite = new LiveProgram(scratch, environment, line)) {
        assertEquals(0, sqlite.exitStatus(SECONDS_MAX), sqlite.output());
        assertEquals("wal\n42\nok\n", sqlite.output());
      }
      assertEquals("db\n", lego("fs", "ls", "data:/"));
      lego("fs", "umount", directory.toString());
      assertEquals(0, mount.exitStatus(SECONDS_MAX), mount.output());
    }
    String again = lego(1, "fs", "umount", directory.toString());
    assertTrue(again.contains("no volume is mounted"), again);
  }

  private LiveProgram mount(Path directory) throws Exception {
    LiveProgram mount = start("fs", "mount", "data", directory.toString());
    LiveProgram.await(30, "it is mounted", () -> mount.output().contains("mounted "));
    return mount;
  }

  private static void end(LiveProgram program, boolean forcibly) throws Exception {
    ProcessHandle process = ProcessHandle.of(program.pid()).orElseThrow();
    assertTrue(forcibly ? process.destroyForcibly() : process.destroy());
    process.onExit().get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  private static boolean isMounted(Path directory) throws Exception {
    return Files.readString(Path.of("/proc/self/mounts")).contains(" " + directory + " fuse.lego ");
  }

  @Test
  void shouldTakeDeadMountsAway() throws Exception {
    assumeTrue(Files.exists(Path.of("/usr/bin/fusermount3")), "fuse3 is not installed");
    Path directory = Files.createDirectory(scratch.resolve("mounted"));
    try (LiveProgram first = mount(directory)) {
      end(first, true);
      assertTrue(isMounted(directory));
      try (LiveProgram second = mount(directory)) {
        Files.writeString(directory.resolve("a"), "x");
        end(second, true);
      }
      lego("fs", "umount", directory.toString());
      assertFalse(isMounted(directory));
      assertEquals("x", lego("fs", "cat", "data:/a"));
    }
  }

  @Test
  void shouldUnmountThoughTheStorageComponentIsGone() throws Exception {
    assumeTrue(Files.exists(Path.of("/usr/bin/fusermount3")), "fuse3 is not installed");
    Path directory = Files.createDirectory(scratch.resolve("mounted"));
    try (LiveProgram mount = mount(directory)) {
      Files.writeString(directory.resolve("a"), "x");
      ProcessHandle component =
          ProcessHandle.of(processes.withCommand("scomponent").getFirst()).orElseThrow();
      assertTrue(component.destroyForcibly());
      component.onExit().get(SECONDS_MAX, TimeUnit.SECONDS);
      end(mount, false);
      assertFalse(isMounted(directory), mount.output());
    }
  }

  @Test
  void shouldCompleteACopyWhoseStorageComponentIsKilledAndStartedAgain() throws Exception {
    Path big = file("big", FILE_BYTES);
    long component = processes.withCommand("scomponent").getFirst();
    try (LiveProgram copy = start("fs", "cp", big.toString(), "data:/")) {
      LiveProgram.await(
          30, "the copy has begun", () -> Processes.descriptors(component, ".lego-") > 0);
      ProcessHandle killed = ProcessHandle.of(component).orElseThrow();
      assertTrue(killed.destroyForcibly());
      killed.onExit().get();
      assertTrue(copy.isAlive(), "the copy was over too early: " + copy.output());
      String store = scratch.resolve("store/scomponent-1").toString();
      String secret = scratch.resolve("state/secret").toString();
      LiveProgram again =
          start(
              "scomponent",
              "--name",
              "scomponent-1",
              "--monitor",
              monitor,
              "--store",
              store,
              "--secret-file",
              secret);
      try (again) {
        assertEquals(0, copy.exitStatus(SECONDS_MAX), copy.output() + again.output());
        Path back = scratch.resolve("back");
        lego("fs", "cp", "data:/big", back.toString());
        assertEquals(-1, Files.mismatch(big, back));
        assertEquals("big\n", lego("fs", "ls", "data:/"));
      }
    }
  }
}

package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
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

/** What people see when the disk below a storage component fails: a small one, in memory. */
@Timeout(180)
class StorageFailuresTest {
  private static final long SECONDS_MAX = 60;
  private static final int BLOCK = 4096;
  private static final int BAD_BLOCK = 3;
  private static final int MIB = 1 << 20;

  @TempDir Path scratch;
  private final Processes processes = new Processes();
  private Map<String, String> environment;
  private Path disk;
  private Path store;
  private String monitor;
  private boolean mounted;

  @BeforeEach
  void bringUp() throws Exception {
    Workspace.lego();
    disk = Files.createDirectory(scratch.resolve("disk"));
    List<String> mount = List.of("mount", "-t", "tmpfs", "-o", "size=16m", "lego-test");
    String refused = command(mount, disk);
    assumeTrue(refused.isEmpty(), "a tmpfs cannot be mounted: " + refused);
    mounted = true;
    store = disk.resolve("store");
    environment = processes.environment();
    environment.put("LEGO_STATE_DIR", scratch.resolve("state").toString());
    environment.put("LEGO_MCOMPONENT_MEMORY", "64m");
    environment.put("LEGO_FILE_CACHE", "0");
    environment.put("LEGO_STORE", store.toString());
    String output = lego(0, "up", "-s", "1");
    monitor = output.lines().reduce((first, second) -> second).orElse("");
    monitor = monitor.replaceFirst("^monitor ", "");
    String made = lego(-1, "fs", "mkvol", "data");
    assumeTrue(!made.contains("extended attributes"), "tmpfs of Linux 6.6 is needed: " + made);
    assertEquals("", made);
  }

  @AfterEach
  void takeDown() throws Exception {
    try {
      if (environment != null) {
        lego(-1, "down");
        LiveProgram.await(10, "nothing is left", () -> processes.alive().isEmpty());
      }
    } finally {
      processes.killAll();
      if (mounted) {
        assertEquals("", command(List.of("umount"), disk));
      }
    }
  }

  private static String command(List<String> words, Path last) throws Exception {
    List<String> line = new ArrayList<>(words);
    line.add(last.toString());
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return process.exitValue() == 0 ? "" : output;
  }

  private LiveProgram start(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of(Workspace.lego().toString()));
    line.addAll(List.of(arguments));
    return new LiveProgram(scratch, environment, line);
  }

  /** Output of a command that ends with a status; -1 for any. */
  private String lego(int status, String... arguments) throws Exception {
    try (LiveProgram command = start(arguments)) {
      int ended = command.exitStatus(SECONDS_MAX);
      assertTrue(status < 0 || ended == status, ended + ": " + command.output());
      return command.output();
    }
  }

  /** A command that fails with one line, which has a text. */
  private void refused(String text, String... arguments) throws Exception {
    String output = lego(1, arguments);
    assertEquals(1, output.lines().count(), output);
    assertTrue(output.contains(text), output);
  }

  private String file(String name, int length) throws Exception {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return Files.write(scratch.resolve(name), bytes).toString();
  }

  private void assertSame(String volumePath, String local) throws Exception {
    String content = Files.readString(Path.of(local), StandardCharsets.ISO_8859_1);
    assertTrue(content.equals(lego(0, "fs", "cat", volumePath)), volumePath);
  }

  private void flipBit(String name) throws Exception {
    Path path = store.resolve("scomponent-1/volumes/data/tree").resolve(name);
    try (RandomAccessFile backing = new RandomAccessFile(path.toFile(), "rw")) {
      long at = BLOCK + BAD_BLOCK * BLOCK + 77; // behind the block of checksums
      backing.seek(at);
      int was = backing.read();
      backing.seek(at);
      backing.write(was ^ 0x10);
    }
  }

  @Test
  void shouldTellOfAFailingDiskAndLoseNothing() throws Exception {
    Path tree = Files.createDirectory(scratch.resolve("tree"));
    String bad = file("tree/bad", 8 * BLOCK);
    String good = file("tree/good", 9 * BLOCK);
    lego(0, "fs", "cp", "-r", tree.toString(), "data:/");
    aBitChanges(bad, good);
    theDiskIsFull(file("big", 24 * MIB));
    assertSame("data:/tree/good", good);
    theDiskIsReadOnly(good);
  }

  private void aBitChanges(String bad, String good) throws Exception {
    flipBit("tree/bad");
    refused("data:/tree/bad: EIO", "fs", "cat", "data:/tree/bad");
    String log = Files.readString(scratch.resolve("state/scomponent-1.log"));
    assertTrue(log.contains("data:/tree/bad at offset " + BAD_BLOCK * BLOCK), log);
    assertSame("data:/tree/good", good);
    lego(0, "fs", "cp", bad, "data:/tree");
    assertSame("data:/tree/bad", bad);
  }

  private void theDiskIsFull(String big) throws Exception {
    lego(0, "fs", "mkvol", "--quota", "2m", "small");
    refused("small:/big: ENOSPC", "fs", "cp", big, "small:/");
    assertEquals("", lego(0, "fs", "ls", "small:/"));
    refused("data:/tree/big: ENOSPC", "fs", "cp", big, "data:/tree");
    assertEquals("bad\ngood\n", lego(0, "fs", "ls", "data:/tree"));
    Path ballast = disk.resolve("ballast");
    command(List.of("dd", "if=/dev/zero", "bs=64k"), Path.of("of=" + ballast));
    assertEquals(0, disk.toFile().getUsableSpace());
    lego(0, "fs", "rm", "data:/tree/bad");
    Files.delete(ballast);
  }

  private void theDiskIsReadOnly(String kept) throws Exception {
    ProcessHandle component =
        ProcessHandle.of(processes.withCommand("scomponent").getFirst()).orElseThrow();
    assertTrue(component.destroyForcibly());
    component.onExit().get(SECONDS_MAX, TimeUnit.SECONDS);
    assertEquals("", command(List.of("mount", "-o", "remount,ro"), disk));
    String[] line = {
      "scomponent",
      "--name",
      "scomponent-1",
      "--monitor",
      monitor,
      "--store",
      store.resolve("scomponent-1").toString(),
      "--secret-file",
      scratch.resolve("state/secret").toString()
    };
    try (LiveProgram again = start(line)) {
      again.expect(" node ", 30);
      refused("data:/more: EROFS", "fs", "cp", kept, "data:/more");
      assertSame("data:/tree/good", kept);
    }
  }
}

package io.splitkernel.launcher.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LocalEndTest {
  private static final int BYTES = (int) (2 * WriteOutSteps.STEP_BYTES) + 12_345;

  @TempDir Path directory;

  /** Longer than the steps of writing out and the distance of reading ahead. */
  @Test
  void shouldCopyALargeFileWithSeveralThreads() throws Exception {
    byte[] bytes = new byte[BYTES];
    new Random(1).nextBytes(bytes);
    Path from = Files.write(directory.resolve("from"), bytes);
    Path to = directory.resolve("to");
    long before = descriptors();
    try (CopyEnd source = LocalEnd.source(from);
        CopyEnd target = LocalEnd.target(to, 0640, true)) {
      new FileCopy(source, target, new Progress("copy", BYTES)).run();
    }
    assertArrayEquals(bytes, Files.readAllBytes(to));
    assertEquals(before, descriptors());
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.map(LocalEndTest::target).filter(name -> name.contains("junit")).count();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void shouldWriteOutOnceForEachStep() {
    WriteOutSteps steps = new WriteOutSteps();
    long part = WriteOutSteps.STEP_BYTES / 4;
    assertFalse(steps.completedBy(3 * part));
    assertTrue(steps.completedBy(part));
    assertFalse(steps.completedBy(part));
    assertTrue(steps.completedBy(9 * part));
  }
}

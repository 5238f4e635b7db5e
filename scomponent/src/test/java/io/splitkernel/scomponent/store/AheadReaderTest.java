package io.splitkernel.scomponent.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class AheadReaderTest {
  private static final int FILES = 20;
  private static final int FILES_MAX = 16;
  private static final int BYTES = 1 << 20;

  @TempDir private Path directory;
  private final AheadReader ahead = new AheadReader();
  private final List<Integer> files = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    for (int i = 0; i < FILES; i++) {
      Path path = Files.write(directory.resolve("file" + i), new byte[BYTES]);
      files.add(LinuxFiles.openLocal(path.toString(), LinuxFiles.O_RDONLY, 0));
    }
  }

  @AfterEach
  void close() {
    files.forEach(FileDescriptor::close);
  }

  /** Descriptors of this process that are the file's. */
  private long descriptorsOf(String name) {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.filter(link -> endsWith(link, name)).count();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean endsWith(Path link, String name) {
    try {
      return Files.readSymbolicLink(link).toString().endsWith("/" + name);
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  private static boolean isThere() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("files-ahead"));
  }

  @Test
  void shouldLetGoOfAFileThatIsForgotten() {
    assertTrue(ahead.ask("a", files.get(0), 0, BYTES));
    assertTrue(ahead.ask("a", files.get(0), BYTES / 2, BYTES));
    assertEquals(2, descriptorsOf("file0"));
    ahead.forget("a");
    ahead.forget("a");
    await().atMost(Duration.ofSeconds(30)).until(() -> descriptorsOf("file0") == 1 && !isThere());
    assertTrue(ahead.ask("a", files.get(0), 0, BYTES), "it can begin again");
    ahead.forget("a");
    await().atMost(Duration.ofSeconds(30)).until(() -> descriptorsOf("file0") == 1 && !isThere());
  }

  @Test
  void shouldKeepFewFilesOpen() {
    for (int i = 0; i < FILES; i++) {
      assertTrue(ahead.ask(i, files.get(i), 0, BYTES));
    }
    assertEquals(FILES_MAX, ahead.files());
    await().atMost(Duration.ofSeconds(30)).until(() -> descriptorsOf("file0") == 1);
    assertEquals(2, descriptorsOf("file" + (FILES - 1)));
    for (int i = 0; i < FILES; i++) {
      ahead.forget(i);
    }
    assertEquals(0, ahead.files());
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> descriptorsOf("file" + (FILES - 1)) == 1 && !isThere());
  }
}

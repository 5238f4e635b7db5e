package io.splitkernel.launcher.files;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.ffi.MemoryMap;
import io.splitkernel.ffi.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SourceAheadTest {
  private static final int FILE_BYTES = 64 << 20;
  private static final int AHEAD_BYTES = 4 << 20;
  private static final int PAGE_BYTES = 4096;
  private static final long SYS_MINCORE = 27;
  private static final long SYS_FADVISE = 221;
  private static final int DONT_NEED = 4;

  @TempDir private Path directory;
  private int fd = -1;
  private long mapped;

  private void open(int bytes) throws IOException {
    Path path = Files.write(directory.resolve("file"), new byte[bytes]);
    fd = LinuxFiles.openLocal(path.toString(), LinuxFiles.O_RDWR, 0);
    assertEquals(0, LinuxFiles.sync(fd, false));
    mapped = MemoryMap.sharedReadOnly(fd, FILE_BYTES);
    Syscall.call(SYS_FADVISE, fd, 0, 0, DONT_NEED, 0, 0);
  }

  @AfterEach
  void close() {
    MemoryMap.unmap(mapped, FILE_BYTES);
    FileDescriptor.close(fd);
  }

  private boolean isInMemory(long offset) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(1);
      assertEquals(0, Syscall.call(SYS_MINCORE, mapped + offset, PAGE_BYTES, answer.address()));
      return (answer.get(ValueLayout.JAVA_BYTE, 0) & 1) != 0;
    }
  }

  @Test
  void shouldReadAheadOfTheCopyAndNotFurther() throws IOException {
    open(FILE_BYTES);
    assumeTrue(!isInMemory(0), "the file system drops what is not needed");
    try (SourceAhead ahead = SourceAhead.of(fd, AHEAD_BYTES)) {
      await().atMost(Duration.ofSeconds(30)).until(() -> isInMemory(AHEAD_BYTES - PAGE_BYTES));
      assertFalse(isInMemory(FILE_BYTES / 2), "the kernel reads a little further, and not so far");
      ahead.onRead(FILE_BYTES / 2);
      ahead.onRead(FILE_BYTES / 4);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> isInMemory(FILE_BYTES / 2 + AHEAD_BYTES - PAGE_BYTES));
      assertFalse(isInMemory(FILE_BYTES - PAGE_BYTES));
      ahead.onRead(FILE_BYTES - AHEAD_BYTES / 2);
      await().atMost(Duration.ofSeconds(30)).until(() -> isInMemory(FILE_BYTES - PAGE_BYTES));
    }
  }

  @Test
  void shouldLeaveShortFilesAlone() throws IOException {
    open((int) SourceAhead.FILE_BYTES_LEAST - 1);
    assertNull(SourceAhead.of(fd, AHEAD_BYTES));
  }
}

package io.splitkernel.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CacheFillTest {
  private static final int FILE_BYTES = 32 << 20;
  private static final int PIECE_BYTES = 1 << 20;
  private static final long SYS_MINCORE = 27;
  private static final long SYS_FADVISE = 221;
  private static final int DONT_NEED = 4;

  @TempDir private Path directory;
  private int fd;
  private long mapped;

  /** A file of which nothing is in memory. */
  @BeforeEach
  void open() throws IOException {
    Path path = Files.write(directory.resolve("file"), new byte[FILE_BYTES]);
    fd = LinuxFiles.openLocal(path.toString(), LinuxFiles.O_RDWR, 0);
    assertEquals(0, LinuxFiles.sync(fd, false));
    mapped = MemoryMap.sharedReadOnly(fd, FILE_BYTES);
    Syscall.call(SYS_FADVISE, fd, 0, 0, DONT_NEED, 0, 0);
    assumeTrue(!isInMemory(0), "the file system drops what is not needed");
  }

  @AfterEach
  void close() {
    MemoryMap.unmap(mapped, FILE_BYTES);
    FileDescriptor.close(fd);
  }

  private boolean isInMemory(long offset) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(1);
      assertEquals(0, Syscall.call(SYS_MINCORE, mapped + offset, 4096, answer.address()));
      return (answer.get(ValueLayout.JAVA_BYTE, 0) & 1) != 0;
    }
  }

  @Test
  void shouldBringARangeIntoMemory() {
    try (CacheFill fill = CacheFill.open(fd)) {
      assertNotNull(fill);
      assertEquals(PIECE_BYTES, fill.fill(PIECE_BYTES, PIECE_BYTES));
      for (long at = PIECE_BYTES; at < 2 * PIECE_BYTES; at += 4096) {
        assertTrue(isInMemory(at));
      }
      assertFalse(isInMemory(FILE_BYTES - 4096), "nobody asked for that");
    }
  }

  @Test
  void shouldEndWithTheFile() {
    try (CacheFill fill = CacheFill.open(fd)) {
      assertEquals(5, fill.fill(FILE_BYTES - 5, PIECE_BYTES));
      assertEquals(0, fill.fill(FILE_BYTES, PIECE_BYTES));
    }
  }

  @Test
  void shouldNeedAFile() {
    assertEquals(null, CacheFill.open(-1));
  }
}

package io.splitkernel.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class IoUringTest {
  private static final int BYTES = 4096;
  private static final int ENTRIES = 4;

  @TempDir private Path directory;
  private final long memory = RawMemory.map((long) ENTRIES * BYTES);
  private IoUring ring;
  private int fd;

  @BeforeEach
  void open() throws IOException {
    ring = IoUring.open(ENTRIES);
    assumeTrue(ring != null, "this kernel lets us use io_uring");
    byte[] content = new byte[ENTRIES * BYTES];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i / BYTES + 1);
    }
    Path path = Files.write(directory.resolve("file"), content);
    fd = LinuxFiles.openLocal(path.toString(), LinuxFiles.O_RDONLY, 0);
  }

  @AfterEach
  void close() {
    if (ring != null) {
      ring.close();
      FileDescriptor.close(fd);
    }
    RawMemory.unmap(memory, (long) ENTRIES * BYTES);
  }

  private void take(int count) {
    int taken = 0;
    try (Epoll epoll = new Epoll(1)) {
      epoll.add(ring.descriptor(), Epoll.IN, 0);
      while (taken < count) {
        ring.work();
        while (ring.next()) {
          assertEquals(BYTES, ring.result());
          int tag = (int) ring.token();
          assertEquals(tag + 1, RawMemory.getByte(memory + (long) tag * BYTES));
          taken++;
        }
        if (taken < count) {
          epoll.await(1_000_000_000L);
        }
      }
    }
    assertEquals(0, ring.underWay());
  }

  @Test
  void shouldReadManyTimesAround() {
    for (int round = 0; round < 1000; round++) {
      int count = round % ENTRIES + 1;
      RawMemory.zero(memory, (long) ENTRIES * BYTES);
      for (int i = 0; i < count; i++) {
        assertTrue(ring.read(fd, (long) i * BYTES, memory + (long) i * BYTES, BYTES, i));
      }
      take(count);
    }
  }

  @Test
  void shouldTakeNoMoreThanItHasRoomFor() {
    for (int i = 0; i < ENTRIES; i++) {
      assertTrue(ring.read(fd, (long) i * BYTES, memory + (long) i * BYTES, BYTES, i));
    }
    assertFalse(ring.read(fd, 0, memory, BYTES, 0));
    take(ENTRIES);
    assertTrue(ring.read(fd, 0, memory, BYTES, 0));
    take(1);
  }

  @Test
  void shouldNotNeedTheDescriptorAnyMore() {
    int second = FileDescriptor.duplicate(fd);
    assertTrue(ring.read(second, 0, memory, BYTES, 0));
    FileDescriptor.close(second);
    int reused = FileDescriptor.duplicate(fd);
    take(1);
    FileDescriptor.close(reused);
  }

  @Test
  void shouldTellErrors() {
    assertTrue(ring.read(-1, 0, memory, BYTES, 7));
    assertEquals(0, ring.work());
    assertTrue(ring.next());
    assertEquals(7, ring.token());
    assertEquals(-Errno.EBADF, ring.result());
    assertThrows(IllegalArgumentException.class, () -> IoUring.open(0));
    assertThrows(IllegalArgumentException.class, () -> IoUring.open(IoUring.ENTRIES_MAX + 1));
  }
}

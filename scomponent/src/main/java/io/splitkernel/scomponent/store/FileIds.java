package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.FileAttributes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Ids of files, kept in an extended attribute; links, FIFOs and sockets have their inode's. */
final class FileIds {
  /** Attributes with this beginning are the store's own. */
  static final String OWN = "user.lego.";

  static final String NAME = OWN + "id";
  private static final ValueLayout.OfLong LITTLE =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private FileIds() {}

  static int set(int fd, long id) {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(id).array();
    return LinuxFiles.setXattr(fd, NAME, bytes, 0);
  }

  static long of(int fd, LinuxFiles.Status status) {
    int type = status.mode() & FileAttributes.TYPE_MASK;
    if (type == FileAttributes.REGULAR || type == FileAttributes.DIRECTORY) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment value = arena.allocate(Long.BYTES);
        if (LinuxFiles.getXattr(fd, NAME, value) == Long.BYTES) {
          return value.get(LITTLE, 0);
        }
      }
    }
    return status.inode() | Long.MIN_VALUE;
  }
}

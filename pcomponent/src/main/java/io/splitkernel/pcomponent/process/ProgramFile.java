package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.MemFd;
import io.splitkernel.ffi.MemoryMap;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;
import java.util.List;

/**
 * A program as the keeper reads it: a {@code struct lego_program} with its strings behind it, in a
 * file in memory. Control path.
 *
 * @param fd of the file.
 * @param lengthBytes of it.
 */
record ProgramFile(int fd, long lengthBytes) implements AutoCloseable {
  private static final long HEAD_BYTES = Layout.of("sizeof(lego_program)");

  static ProgramFile of(
      byte[] path, List<byte[]> argv, List<byte[]> environment, Inherited inherited)
      throws IOException {
    long pointers = 8L * (argv.size() + environment.size() + 2);
    long strings = path.length + 1L + bytes(argv) + bytes(environment);
    long length = HEAD_BYTES + pointers + strings;
    int fd = MemFd.create("lego-program", length);
    long base = fd < 0 ? fd : MemoryMap.shared(fd, length);
    if (MemoryMap.isError(base)) {
      FileDescriptor.close(fd);
      throw new IOException("cannot describe the program to its keeper: " + Errno.text(base));
    }
    long vectors = HEAD_BYTES;
    long at = HEAD_BYTES + pointers;
    set(base, "path", at);
    set(base, "argv", vectors);
    set(base, "envp", vectors + 8L * (argv.size() + 1));
    set(base, "blocked", inherited.blockedSignals());
    set(base, "ignored", inherited.ignoredSignals());
    set(base, "descriptors_set", 1);
    set(base, "descriptors_soft", inherited.descriptorsSoft());
    set(base, "descriptors_hard", inherited.descriptorsHard());
    at = put(base, at, path);
    for (List<byte[]> texts : List.of(argv, environment)) {
      for (byte[] text : texts) {
        RawMemory.putLong(base + vectors, at);
        vectors += 8;
        at = put(base, at, text);
      }
      vectors += 8; // a zero ends the list
    }
    MemoryMap.unmap(base, length);
    return new ProgramFile(fd, length);
  }

  private static void set(long base, String member, long value) {
    RawMemory.putLong(base + Layout.of("lego_program." + member), value);
  }

  private static long bytes(List<byte[]> texts) {
    return texts.stream().mapToLong(text -> text.length + 1L).sum();
  }

  /** Writes a string, which the zeros of a new file end; the place behind it. */
  private static long put(long base, long at, byte[] text) {
    for (int i = 0; i < text.length; i++) {
      RawMemory.putByte(base + at + i, text[i]);
    }
    return at + text.length + 1;
  }

  @Override
  public void close() {
    FileDescriptor.close(fd);
  }
}

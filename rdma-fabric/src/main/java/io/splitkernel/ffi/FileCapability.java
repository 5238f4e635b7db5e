package io.splitkernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * Capabilities that a program's file gives to who executes it: capabilities(7), the extended
 * attribute security.capability. Those below 32 only, permitted and effective. Any thread.
 */
public final class FileCapability {
  /** CAP_SYS_PTRACE. */
  public static final int SYS_PTRACE = 19;

  private static final long SYS_SETXATTR = 188;
  private static final long SYS_GETXATTR = 191;
  private static final String NAME = "security.capability";
  private static final int REVISION_2 = 0x0200_0000;
  private static final int REVISION_3 = 0x0300_0000;
  private static final int REVISION_MASK = 0xFF00_0000;
  private static final int EFFECTIVE = 1;
  private static final int BYTES = 20;
  private static final int BYTES_MAX = 24;

  private FileCapability() {}

  /** Gives a file one capability and takes all others; 0 or -errno. Needs CAP_SETFCAP. */
  public static long set(Path file, int capability) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(BYTES, 4);
      value.set(ValueLayout.JAVA_INT, 0, REVISION_2 | EFFECTIVE);
      value.set(ValueLayout.JAVA_INT, 4, 1 << capability);
      return Syscall.call(
          SYS_SETXATTR,
          arena.allocateFrom(file.toString()).address(),
          arena.allocateFrom(NAME).address(),
          value.address(),
          BYTES,
          0,
          0);
    }
  }

  /** Whether a file gives a capability, ready for use. */
  public static boolean has(Path file, int capability) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(BYTES_MAX, 4);
      long bytes =
          Syscall.call(
              SYS_GETXATTR,
              arena.allocateFrom(file.toString()).address(),
              arena.allocateFrom(NAME).address(),
              value.address(),
              BYTES_MAX,
              0,
              0);
      int head = value.get(ValueLayout.JAVA_INT, 0);
      int revision = head & REVISION_MASK;
      return bytes >= BYTES
          && (revision == REVISION_2 || revision == REVISION_3)
          && (head & EFFECTIVE) != 0
          && (value.get(ValueLayout.JAVA_INT, 4) >> capability & 1) != 0;
    }
  }
}

package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.RawMemory;
import java.io.IOException;

/** Finds a syscall instruction in the vdso, whose code is the same in every 64-bit process. */
final class VdsoCode {
  private static final int PAGES_SEARCHED = 2;

  private VdsoCode() {}

  /** Offset of the instruction from the start of the vdso. */
  static long syscallOffset() throws IOException {
    long start = ProcMaps.vdso("self");
    if (start == 0) {
      throw new IOException("this kernel maps no vdso; lego run needs one (boot with vdso=1)");
    }
    for (long offset = 0; offset < PAGES_SEARCHED * 4096L - 1; offset++) {
      if (RawMemory.getByte(start + offset) == 0x0f
          && RawMemory.getByte(start + offset + 1) == 0x05) {
        return offset;
      }
    }
    throw new IOException("no syscall instruction in the vdso");
  }
}

package io.splitkernel.fabric.disni;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.rdma.VerbsLayout;
import java.io.IOException;

/** Turns what the libraries answer into what DiSNI's programs expect. */
final class Results {
  private Results() {}

  /** An address, which must not be an error. */
  static long object(String call, long result) throws IOException {
    if (result < 0) {
      throw failure(call, (int) result);
    }
    return result;
  }

  /** Zero, which is returned; an error may have either sign. */
  static int done(String call, int result) throws IOException {
    if (result != 0) {
      throw failure(call, result);
    }
    return 0;
  }

  static IOException failure(String call, int result) {
    return new IOException(call + ": " + Errno.text(-Math.abs(result)));
  }

  /** An object must be open. */
  static void open(boolean isOpen, String what) throws IOException {
    if (!isOpen) {
      throw new IOException("the " + what + " is closed");
    }
  }

  static int at(String name) {
    return VerbsLayout.of(name);
  }
}

package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import java.io.IOException;

/** A system call on the store's own files has failed. */
final class StoreException extends IOException {
  private static final long serialVersionUID = 1;

  private final int error;

  /** With what was called and its negative error number. */
  StoreException(String call, int error) {
    super(call + ": " + Errno.text(error));
    this.error = error;
  }

  /**
   * The negative error number that an exception stands for. Those of the JDK have it in words only.
   */
  static int errorOf(IOException e) {
    if (e instanceof StoreException mine) {
      return mine.error;
    }
    String text = String.valueOf(e.getMessage());
    if (text.contains("Read-only")) {
      return -Errno.EROFS;
    }
    return text.contains("No space") ? -Errno.ENOSPC : -Errno.EIO;
  }
}

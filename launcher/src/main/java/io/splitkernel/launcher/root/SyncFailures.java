package io.splitkernel.launcher.root;

import io.splitkernel.ffi.Errno;

/** Files that could not be made durable. Any thread. */
final class SyncFailures {
  private String first = "";
  private int count;

  /**
   * Adds one.
   *
   * @param path of it.
   * @param result negative error number.
   */
  synchronized void add(String path, int result) {
    if (count++ == 0) {
      first = path + ": " + Errno.text(result);
    }
  }

  synchronized int count() {
    return count;
  }

  /** The first, and how many there are. */
  @Override
  public synchronized String toString() {
    return count < 2 ? first : first + ", and " + (count - 1) + " more";
  }
}

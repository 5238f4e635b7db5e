package io.splitkernel.ffi;

/** futex(2) on words in memory that processes share. */
public final class Futex {
  private static final long SYS_FUTEX = 202;
  private static final long FUTEX_WAIT = 0;
  private static final long FUTEX_WAKE = 1;

  private Futex() {}

  /**
   * Waits while the word has a value.
   *
   * @param address of the 4-byte word.
   * @param expected value that makes it wait.
   * @param timespecAddress relative timeout as a struct timespec, kept alive by the caller.
   * @return 0 when woken, or {@code -errno} (-EAGAIN, -ETIMEDOUT, -EINTR).
   */
  public static long await(long address, int expected, long timespecAddress) {
    return Syscall.call(SYS_FUTEX, address, FUTEX_WAIT, expected, timespecAddress, 0, 0);
  }

  /** Wakes one waiter; the number woken. */
  public static long wake(long address) {
    return Syscall.quick(SYS_FUTEX, address, FUTEX_WAKE, 1);
  }
}

package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.ProcessVm;
import io.splitkernel.ffi.RawMemory;

/**
 * Reads the page by which an address space tells its number: the pager puts it there when a space
 * begins, also in a forked child, and an exec takes it away. One instance belongs to one thread.
 */
final class Beacon implements AutoCloseable {
  /** The thread lives in an address space that is not supervised. */
  static final int NONE = 0;

  private static final long ADDRESS = Layout.of("LEGO_BEACON_ADDRESS");
  private static final int BYTES = 16;

  private final long nonce;
  private final ProcessVm memory = new ProcessVm(BYTES);

  /**
   * @param nonce what the pager of this run writes before the number.
   */
  Beacon(long nonce) {
    this.nonce = nonce;
  }

  /**
   * The space in which a thread lives.
   *
   * @return its number, {@link #NONE}, or {@code -errno} when the thread is gone or hidden.
   */
  int spaceOf(int tid) {
    long read = memory.read(tid, ADDRESS, BYTES);
    if (read < 0) {
      return read == -14 ? NONE : (int) read; // EFAULT: no such page
    }
    boolean ours = read == BYTES && RawMemory.getLong(memory.address()) == nonce;
    return ours ? (int) RawMemory.getLong(memory.address() + 8) : NONE;
  }

  @Override
  public void close() {
    memory.close();
  }
}

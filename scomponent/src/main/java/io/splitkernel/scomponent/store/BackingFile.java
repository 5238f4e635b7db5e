package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import java.lang.foreign.MemorySegment;

/** Bytes under a {@link CheckedFile}. Results are counts, 0, or negative error numbers. */
interface BackingFile extends AutoCloseable {
  /** Flags of {@link #allocate}. */
  int KEEP_SIZE = 1;

  int PUNCH_HOLE = 2 | KEEP_SIZE;

  /** Makes one of a descriptor, which is its own then. */
  interface Opener {
    BackingFile open(int fd, boolean readOnly);
  }

  /** Reads; fewer bytes only at the end. */
  int read(long offset, MemorySegment into);

  /**
   * Reads what is in memory; fewer bytes, or -EAGAIN, when the device would have to be asked.
   *
   * @param own {@link io.splitkernel.ffi.LinuxFiles#READ_NOW_BYTES} bytes of the calling thread.
   */
  default int readNow(long offset, MemorySegment into, MemorySegment own) {
    return -Errno.EAGAIN;
  }

  /** Whether {@link #readNow} can tell. */
  default boolean tells() {
    return false;
  }

  /** Writes; fewer bytes when the rest could not be written. */
  int write(long offset, MemorySegment from);

  /** Length in bytes. */
  long size();

  /** Cuts, or extends by zeros. */
  int setSize(long sizeBytes);

  /** Reserves space, or makes a hole; flags and values of fallocate(2). */
  int allocate(int flags, long offset, long lengthBytes);

  /** Returns when everything is on the device. */
  int sync(boolean dataOnly);

  /** Begins to read what will be read soon; a hint. */
  default void willNeed(long offset, long lengthBytes) {}

  /** Begins to do what {@link #writeOut} waits for. */
  default void startWriteOut() {}

  /** Returns when the device has been given everything; says whether it took it. */
  int writeOut();

  @Override
  void close();
}

package io.splitkernel.launcher.files;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.files.client.TransferBuffer;
import java.lang.foreign.MemorySegment;

/** One side of a copy: a file that is read or written at any offset, by several threads. */
interface CopyEnd extends AutoCloseable {
  /** A buffer that this side would rather have, or null; the caller's to close. */
  TransferBuffer lease() throws LegoFailure;

  /** Reads up to the buffer's size; fewer only at the end. */
  int read(long offset, MemorySegment into) throws LegoFailure;

  /** Writes the whole buffer. */
  void write(long offset, MemorySegment from) throws LegoFailure;

  /** The copy is complete: the file gets its name. */
  void commit() throws LegoFailure;

  /** Removes what was not committed. */
  @Override
  void close();
}

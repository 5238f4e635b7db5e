package io.splitkernel.protocol.files;

import java.lang.foreign.MemorySegment;

/** Takes the bytes of a small answer at once. */
@FunctionalInterface
public interface ByteSink {
  /**
   * Takes them.
   *
   * @param bytes valid until this returns.
   */
  void accept(MemorySegment bytes);
}

package io.splitkernel.fabric.disni;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.function.LongToIntFunction;

/**
 * Zeroed native memory that lives as long as this object, so that a call which a program forgets to
 * free leaks nothing.
 */
final class NativeBlock {
  private static final int ALIGNMENT = 8;
  private final MemorySegment segment;

  NativeBlock(long lengthBytes) {
    segment = Arena.ofAuto().allocate(Math.max(lengthBytes, ALIGNMENT), ALIGNMENT);
  }

  /** Hands the address to a call during which the memory must live. */
  int during(LongToIntFunction call) {
    try {
      return call.applyAsInt(address());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  long address() {
    return segment.address();
  }
}

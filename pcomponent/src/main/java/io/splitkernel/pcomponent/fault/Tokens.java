package io.splitkernel.pcomponent.fault;

/**
 * Identity of a transfer, packed into a long: operation (bits 60-62), generation (28-59), frame
 * (0-27). A completion whose generation is not the frame's own is stale.
 */
final class Tokens {
  /** A demand READ of one page into a frame. */
  static final int READ = 1;

  /** A WRITE of a victim. */
  static final int WRITE = 2;

  /** A READ of a stream's window. */
  static final int READ_AHEAD = 3;

  /** The READ of a rescue. */
  static final int RESCUE_READ = 4;

  /** The WRITE of a rescue. */
  static final int RESCUE_WRITE = 5;

  private static final int OPERATION_SHIFT = 60;
  private static final int GENERATION_SHIFT = 28;
  private static final int FRAME_MASK = (1 << GENERATION_SHIFT) - 1;

  private Tokens() {}

  static long of(int operation, int frame, int generation) {
    return ((long) operation << OPERATION_SHIFT)
        | ((generation & 0xFFFF_FFFFL) << GENERATION_SHIFT)
        | frame;
  }

  static int operation(long token) {
    return (int) (token >>> OPERATION_SHIFT);
  }

  static int generation(long token) {
    return (int) (token >>> GENERATION_SHIFT);
  }

  static int frame(long token) {
    return (int) token & FRAME_MASK;
  }
}

package io.splitkernel.fabric.verbs;

/**
 * The timer of a receiver that is not ready (RNR NAK timer) as queue pairs encode it: how long the
 * sender waits before it tries again. InfiniBand Architecture Specification, volume 1, 9.7.5.2.8.
 */
final class ReceiverTimer {
  /** Microseconds of codes 1 to 31; code 0 is 655.36 ms. */
  private static final int[] MICROS = {
    10, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 640, 960, 1_280, 1_920, 2_560, 3_840, 5_120,
    7_680, 10_240, 15_360, 20_480, 30_720, 40_960, 61_440, 81_920, 122_880, 163_840, 245_760,
    327_680, 491_520
  };

  private ReceiverTimer() {}

  /** Code of the shortest timer that is at least so long, or of the longest there is. */
  static byte code(long nanos) {
    for (int i = 0; i < MICROS.length; i++) {
      if (MICROS[i] * 1_000L >= nanos) {
        return (byte) (i + 1);
      }
    }
    return 0;
  }
}

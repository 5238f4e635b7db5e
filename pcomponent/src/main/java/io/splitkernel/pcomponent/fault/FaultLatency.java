package io.splitkernel.pcomponent.fault;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * Latencies of faults by {@link FaultStage}, in nanoseconds from reading the message to the wake-up
 * of the program. Recorded by the pager thread without allocating; read by any thread.
 */
public final class FaultLatency {
  private static final long HIGHEST_NS = 60_000_000_000L;
  private static final int DIGITS = 2;

  private final SingleWriterRecorder[] recorders =
      new SingleWriterRecorder[FaultStage.values().length];
  private final Histogram[] totals = new Histogram[recorders.length];

  /** All empty. */
  public FaultLatency() {
    for (int i = 0; i < recorders.length; i++) {
      recorders[i] = new SingleWriterRecorder(HIGHEST_NS, DIGITS);
      totals[i] = new Histogram(HIGHEST_NS, DIGITS);
    }
  }

  void record(FaultStage stage, long startNs, long endNs) {
    long ns = Math.min(HIGHEST_NS, Math.max(0, endNs - startNs));
    recorders[FaultStage.ALL.ordinal()].recordValue(ns);
    if (stage != FaultStage.ALL) {
      recorders[stage.ordinal()].recordValue(ns);
    }
  }

  /**
   * Everything recorded so far.
   *
   * @param stage which.
   * @return a copy.
   */
  public Histogram snapshot(FaultStage stage) {
    synchronized (totals) {
      Histogram total = totals[stage.ordinal()];
      total.add(recorders[stage.ordinal()].getIntervalHistogram());
      return total.copy();
    }
  }
}

package io.splitkernel.launcher.bench;

import java.util.Locale;

/** Results in perftest's columns. */
public final class BenchTable {
  private static final String LATENCY_HEAD =
      " #bytes #iterations    t_min[usec]    t_max[usec]  t_typical[usec]    t_avg[usec]   "
          + " t_stdev[usec]   99% percentile[usec]   99.9% percentile[usec]";
  private static final String BANDWIDTH_HEAD =
      " #bytes     #iterations    BW peak[MB/sec]    BW average[MB/sec]   MsgRate[Mpps]";

  private BenchTable() {}

  /** The line of names. */
  public static String head(BenchOperation operation) {
    return operation.isBandwidth() ? BANDWIDTH_HEAD : LATENCY_HEAD;
  }

  /** One line of figures. */
  public static String line(BenchResult result) {
    BenchPlan plan = result.plan();
    if (plan.operation().isBandwidth()) {
      return String.format(
          Locale.ROOT,
          " %-10d %-15d %-18.2f %-20.2f %.6f",
          plan.sizeBytes(),
          plan.iterations(),
          result.peakMebibytesPerSecond(),
          result.averageMebibytesPerSecond(),
          result.messageRate());
    }
    return String.format(
        Locale.ROOT,
        " %-7d %-14d %-14.2f %-12.2f %-16.2f %-14.2f %-15.2f %-22.2f %.2f",
        plan.sizeBytes(),
        plan.iterations(),
        result.latencyNs().getMinValue() / 1e3,
        result.latencyNs().getMaxValue() / 1e3,
        result.micros(50),
        result.latencyNs().getMean() / 1e3,
        result.latencyNs().getStdDeviation() / 1e3,
        result.micros(99),
        result.micros(99.9));
  }
}

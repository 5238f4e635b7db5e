package io.splitkernel.launcher.bench;

import org.HdrHistogram.Histogram;

/**
 * What was measured.
 *
 * @param plan that was carried out.
 * @param latencyNs of each iteration; empty for bandwidth.
 * @param peakMebibytesPerSecond of the best tenth, for bandwidth.
 * @param averageMebibytesPerSecond over all, for bandwidth.
 */
public record BenchResult(
    BenchPlan plan,
    Histogram latencyNs,
    double peakMebibytesPerSecond,
    double averageMebibytesPerSecond) {
  /** A percentile of the latency in microseconds. */
  public double micros(double percentile) {
    return latencyNs.getValueAtPercentile(percentile) / 1e3;
  }

  /** Millions of operations in a second, for bandwidth. */
  public double messageRate() {
    return averageMebibytesPerSecond * (1 << 20) / plan.sizeBytes() / 1e6;
  }
}

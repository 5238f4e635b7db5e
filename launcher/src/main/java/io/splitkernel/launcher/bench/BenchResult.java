package io.splitkernel.launcher.bench;

import java.util.LinkedHashMap;
import java.util.Map;
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
  private static final double NS_PER_US = 1_000;
  private static final double[] CURVE = {
    0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100
  };

  /** A percentile of the latency in microseconds. */
  public double micros(double percentile) {
    return latencyNs.getValueAtPercentile(percentile) / NS_PER_US;
  }

  /** Millions of operations in a second, for bandwidth. */
  public double messageRate() {
    return averageMebibytesPerSecond * (1 << 20) / plan.sizeBytes() / 1e6;
  }

  /** Everything by name, for JSON; microseconds, and MiB in a second. */
  public Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("operation", plan.operation().text());
    map.put("bytes", plan.sizeBytes());
    map.put("iterations", plan.iterations());
    map.put("events", plan.events());
    if (plan.operation().isBandwidth()) {
      map.put("tx_depth", plan.depth());
      map.put("peak_mib_per_s", peakMebibytesPerSecond);
      map.put("average_mib_per_s", averageMebibytesPerSecond);
      map.put("message_rate_mpps", messageRate());
      return map;
    }
    map.put("min_us", latencyNs.getMinValue() / NS_PER_US);
    map.put("max_us", latencyNs.getMaxValue() / NS_PER_US);
    map.put("mean_us", latencyNs.getMean() / NS_PER_US);
    map.put("stdev_us", latencyNs.getStdDeviation() / NS_PER_US);
    for (double percentile : new double[] {50, 90, 99, 99.9}) {
      String name = "p" + Double.toString(percentile).replace(".0", "").replace(".", "");
      map.put(name + "_us", micros(percentile));
    }
    Map<String, Double> curve = new LinkedHashMap<>();
    for (double percentile : CURVE) {
      curve.put(Double.toString(percentile), micros(percentile));
    }
    map.put("percentiles_us", curve);
    return map;
  }
}

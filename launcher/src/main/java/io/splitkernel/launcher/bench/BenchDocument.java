package io.splitkernel.launcher.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Results by name, for JSON: whole nanoseconds, and bytes in a second. The names up to {@code
 * mean_ns} and {@code bytes_per_second} are what scripts rely on, in this order.
 */
public final class BenchDocument {
  private static final double[] CURVE = {
    0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100
  };
  private static final long BYTES_PER_MEBIBYTE = 1 << 20;

  private final String fabric;
  private final String device;
  private final List<Map<String, Object>> results = new ArrayList<>();

  /**
   * An empty one.
   *
   * @param fabric that carried the operations, {@code shm} or {@code verbs}.
   * @param device its RDMA device, or empty.
   */
  public BenchDocument(String fabric, String device) {
    this.fabric = fabric;
    this.device = device;
  }

  /** Adds what was measured last. */
  public void add(BenchResult result) {
    BenchPlan plan = result.plan();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("op", plan.operation().text());
    map.put("fabric", fabric);
    map.put("device", device);
    map.put("bytes", plan.sizeBytes());
    map.put("iterations", plan.iterations());
    if (plan.operation().isBandwidth()) {
      addBandwidth(result, map);
    } else {
      addLatency(result.latencyNs(), map);
    }
    map.put("warm_up", plan.warmUp());
    map.put("events", plan.events());
    results.add(map);
  }

  private static void addLatency(Histogram latencyNs, Map<String, Object> map) {
    map.put("min_ns", latencyNs.getMinValue());
    map.put("p50_ns", latencyNs.getValueAtPercentile(50));
    map.put("p90_ns", latencyNs.getValueAtPercentile(90));
    map.put("p99_ns", latencyNs.getValueAtPercentile(99));
    map.put("p999_ns", latencyNs.getValueAtPercentile(99.9));
    map.put("max_ns", latencyNs.getMaxValue());
    map.put("mean_ns", Math.round(latencyNs.getMean()));
    map.put("stdev_ns", Math.round(latencyNs.getStdDeviation()));
    Map<String, Long> curve = new LinkedHashMap<>();
    for (double percentile : CURVE) {
      curve.put(Double.toString(percentile), latencyNs.getValueAtPercentile(percentile));
    }
    map.put("percentiles_ns", curve);
  }

  private static void addBandwidth(BenchResult result, Map<String, Object> map) {
    map.put("bytes_per_second", bytes(result.averageMebibytesPerSecond()));
    map.put("peak_bytes_per_second", bytes(result.peakMebibytesPerSecond()));
    map.put("messages_per_second", Math.round(result.messageRate() * 1e6));
    map.put("tx_depth", result.plan().depth());
  }

  private static long bytes(double mebibytes) {
    return Math.round(mebibytes * BYTES_PER_MEBIBYTE);
  }

  /**
   * One object: the last result and where it was measured; {@code results} has all of them when
   * there are several.
   *
   * @return by name, in a fixed order.
   */
  public Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>(results.getLast());
    map.put("java", System.getProperty("java.vm.version"));
    map.put("kernel", System.getProperty("os.version"));
    if (results.size() > 1) {
      map.put("results", results);
    }
    return map;
  }
}

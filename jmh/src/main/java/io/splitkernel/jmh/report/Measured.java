package io.splitkernel.jmh.report;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** One operation at one size, by one tool, in several rounds. Not thread-safe. */
final class Measured {
  private final List<Double> typical = new ArrayList<>();
  private final List<Double> tail = new ArrayList<>();
  private final SortedMap<Double, List<Double>> curve = new TreeMap<>();

  /** A round of latencies in microseconds: median and 99th percentile. */
  void addLatency(double p50, double p99) {
    typical.add(p50);
    tail.add(p99);
  }

  /** A round of bandwidth in MiB in a second. */
  void addBandwidth(double average) {
    typical.add(average);
  }

  /** A point of a round's percentile curve. */
  void addPoint(double percentile, double micros) {
    curve.computeIfAbsent(percentile, p -> new ArrayList<>()).add(micros);
  }

  int rounds() {
    return typical.size();
  }

  /** Median of the rounds. */
  double typical() {
    return median(typical);
  }

  /** Median of the rounds' 99th percentiles; 0 for bandwidth. */
  double tail() {
    return median(tail);
  }

  /** Median of the rounds at each percentile. */
  SortedMap<Double, Double> curve() {
    SortedMap<Double, Double> medians = new TreeMap<>();
    curve.forEach((percentile, values) -> medians.put(percentile, median(values)));
    return medians;
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    return n == 0 ? 0 : (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
  }
}

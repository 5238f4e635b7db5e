package io.splitkernel.jmh.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * What one side showed over all rounds: the median of each round (microseconds, or MiB in a
 * second), and every latency together. One thread.
 */
final class Samples {
  private static final int DIGITS = 3;
  private static final double NS_PER_US = 1_000;
  private static final double[] PERCENTILES = {
    0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99
  };

  private final String name;
  private final List<Double> rounds = new ArrayList<>();
  private final Histogram latencyNs = new Histogram(DIGITS);

  Samples(String name) {
    this.name = name;
    latencyNs.setAutoResize(true);
  }

  String name() {
    return name;
  }

  boolean isEmpty() {
    return rounds.isEmpty();
  }

  /** A round of latencies. */
  void add(Histogram round) {
    rounds.add(round.getValueAtPercentile(50) / NS_PER_US);
    latencyNs.add(round);
  }

  /** A round of bandwidth. */
  void add(double mebibytesPerSecond) {
    rounds.add(mebibytesPerSecond);
  }

  /** All rounds of another one. */
  void addAll(Samples other) {
    rounds.addAll(other.rounds);
    latencyNs.add(other.latencyNs);
  }

  /** Every latency of every round; empty for bandwidth. */
  Histogram latencyNs() {
    return latencyNs;
  }

  /** Median of the rounds. */
  double median() {
    return median(rounds);
  }

  /** Median of what is made of each round here and the same round there. */
  double median(Samples other, DoubleBinaryOperator both) {
    if (rounds.size() != other.rounds.size()) {
      throw new IllegalArgumentException(
          name + " has " + rounds.size() + " rounds, " + other.name + " " + other.rounds.size());
    }
    List<Double> pairs = new ArrayList<>();
    for (int i = 0; i < rounds.size(); i++) {
      pairs.add(both.applyAsDouble(rounds.get(i), other.rounds.get(i)));
    }
    return median(pairs);
  }

  private static double median(List<Double> figures) {
    List<Double> sorted = new ArrayList<>(figures);
    Collections.sort(sorted);
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  /** All of it, for {@link #read}. */
  void write(ObjectNode node) {
    ArrayNode array = node.putArray("rounds");
    rounds.forEach(array::add);
    ByteBuffer buffer = ByteBuffer.allocate(latencyNs.getNeededByteBufferCapacity());
    int length = latencyNs.encodeIntoCompressedByteBuffer(buffer);
    node.put("latencies", Arrays.copyOf(buffer.array(), length));
  }

  /** Adds what was written. */
  void read(JsonNode node) throws IOException {
    node.path("rounds").forEach(each -> rounds.add(each.asDouble()));
    try {
      ByteBuffer buffer = ByteBuffer.wrap(node.path("latencies").binaryValue());
      latencyNs.add(Histogram.decodeFromCompressedByteBuffer(buffer, 0));
    } catch (DataFormatException e) {
      throw new IOException("the latencies of a round cannot be read: " + e.getMessage(), e);
    }
  }

  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("median", median());
    map.put("rounds", rounds);
    if (latencyNs.getTotalCount() > 0) {
      map.put("p99", latencyNs.getValueAtPercentile(99) / NS_PER_US);
      map.put("p999", latencyNs.getValueAtPercentile(99.9) / NS_PER_US);
      map.put("samples", latencyNs.getTotalCount());
      List<List<Double>> curve = new ArrayList<>();
      for (double percentile : PERCENTILES) {
        if ((100 - percentile) / 100 * latencyNs.getTotalCount() >= 1) {
          curve.add(List.of(percentile, latencyNs.getValueAtPercentile(percentile) / NS_PER_US));
        }
      }
      map.put("curve", curve);
    }
    return map;
  }
}

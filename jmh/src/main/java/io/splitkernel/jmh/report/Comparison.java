package io.splitkernel.jmh.report;

import io.splitkernel.launcher.bench.BenchOperation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One operation of one size: what Lego took and what the yardstick took. One thread. */
final class Comparison {
  private final BenchOperation operation;
  private final int sizeBytes;
  private final Samples lego;
  private final Samples yardstick;
  private final Samples disni = new Samples("disni");

  /**
   * @param operation what is measured.
   * @param sizeBytes of one operation.
   * @param yardstickName what Lego is compared with; empty for nothing.
   */
  Comparison(BenchOperation operation, int sizeBytes, String yardstickName) {
    this.operation = operation;
    this.sizeBytes = sizeBytes;
    this.lego = new Samples("lego");
    this.yardstick = new Samples(yardstickName);
  }

  /** The same operation and size without samples. */
  Comparison empty() {
    return new Comparison(operation, sizeBytes, yardstick.name());
  }

  /** Adds all samples of another one of the same. */
  void addAll(Comparison other) {
    lego.addAll(other.lego);
    yardstick.addAll(other.yardstick);
    disni.addAll(other.disni);
  }

  BenchOperation operation() {
    return operation;
  }

  int sizeBytes() {
    return sizeBytes;
  }

  Samples lego() {
    return lego;
  }

  Samples yardstick() {
    return yardstick;
  }

  /** The same through DiSNI's interface; empty where that is not measured. */
  Samples disni() {
    return disni;
  }

  /** Who was measured, whether or not there are samples. */
  List<Samples> sides() {
    return List.of(lego, yardstick, disni);
  }

  boolean hasYardstick() {
    return !yardstick.isEmpty();
  }

  /**
   * Median, over the rounds, of Lego's figure divided by the yardstick's. The two of a round were
   * taken within seconds: a machine that is slower for a minute is so for both.
   */
  double ratio() {
    return lego.median(yardstick, (mine, other) -> mine / other);
  }

  /** Median, over the rounds, of Lego's figure less the yardstick's. */
  double excess() {
    return lego.median(yardstick, (mine, other) -> mine - other);
  }

  /** For the file names of the percentiles. */
  String fileStem(String fabric) {
    return fabric + "-" + operation.text() + "-" + sizeBytes;
  }

  /** Everything by name, for JSON. */
  Map<String, Object> asMap(String fabric) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("operation", operation.text());
    map.put("bytes", sizeBytes);
    map.put("unit", operation.isBandwidth() ? "MiB/s" : "us");
    map.put("lego", lego.asMap());
    if (!disni.isEmpty()) {
      map.put("disni", disni.asMap());
    }
    if (hasYardstick()) {
      map.put("yardstick", yardstick.asMap());
      map.put("ratio", ratio());
      Goal.of(fabric, this)
          .ifPresent(goal -> {
            map.put("goal", goal.text());
            map.put("met", goal.isMet());
          });
    }
    return map;
  }
}

package io.splitkernel.launcher.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BenchDocumentTest {
  private static BenchResult latency(int sizeBytes) {
    Histogram histogram = new Histogram(3);
    for (int i = 1; i <= 1000; i++) {
      histogram.recordValue(i);
    }
    BenchPlan plan = new BenchPlan(BenchOperation.READ_LAT, sizeBytes, 1000, 10, 16, false);
    return new BenchResult(plan, histogram, 0, 0);
  }

  @Test
  void shouldHaveTheNamesThatScriptsRelyOnFirstWhenLatencyWasMeasured() {
    BenchDocument document = new BenchDocument("verbs", "rxe0");
    document.add(latency(64));
    Map<String, Object> map = document.asMap();
    assertEquals(
        "op, fabric, device, bytes, iterations, min_ns, p50_ns, p90_ns, p99_ns, p999_ns, max_ns,"
            + " mean_ns, stdev_ns, percentiles_ns, warm_up, events, java, kernel",
        String.join(", ", map.keySet()));
    assertEquals(
        List.of("read-lat", "verbs", "rxe0", 64, 1000, 1L, 500L, 900L, 990L, 999L, 1000L, 501L),
        map.values().stream().limit(12).toList());
  }

  @Test
  void shouldHaveTheNamesThatScriptsRelyOnFirstWhenBandwidthWasMeasured() {
    BenchPlan plan = new BenchPlan(BenchOperation.WRITE_BW, 1 << 20, 100, 10, 16, true);
    BenchDocument document = new BenchDocument("shm", "");
    document.add(new BenchResult(plan, new Histogram(3), 3, 2.5));
    Map<String, Object> map = document.asMap();
    assertEquals(
        "op, fabric, device, bytes, iterations, bytes_per_second, peak_bytes_per_second,"
            + " messages_per_second, tx_depth, warm_up, events, java, kernel",
        String.join(", ", map.keySet()));
    assertEquals(
        List.of("write-bw", "shm", "", 1 << 20, 100, 2_621_440L),
        map.values().stream().limit(6).toList());
  }

  @Test
  void shouldBeTheLastResultWithAllOfThemBesideItWhenSeveralSizesWereMeasured() {
    BenchDocument document = new BenchDocument("shm", "");
    document.add(latency(8));
    document.add(latency(64));
    Map<String, Object> map = document.asMap();
    assertEquals(64, map.get("bytes"));
    List<?> results = (List<?>) map.get("results");
    assertEquals(
        List.of(8, 64), results.stream().map(each -> ((Map<?, ?>) each).get("bytes")).toList());
  }
}

package io.splitkernel.launcher.program;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a program ended.
 *
 * @param exitStatus 0 to 255; 128+N when signal N ended it.
 * @param counters by name, in the order to print them.
 * @param faultNs latency of page faults.
 */
public record ProgramOutcome(int exitStatus, Map<String, Long> counters, FaultLatency faultNs) {
  /**
   * The same with more counters.
   *
   * @param further to print behind the others.
   * @return the new outcome.
   */
  public ProgramOutcome with(Map<String, Long> further) {
    Map<String, Long> all = new LinkedHashMap<>(counters);
    all.putAll(further);
    return new ProgramOutcome(exitStatus, all, faultNs);
  }

  /**
   * Percentiles of the time from reading a fault to waking the program, nanoseconds.
   *
   * @param p50 median.
   * @param p90 90th percentile.
   * @param p99 99th percentile.
   * @param p999 99.9th percentile.
   * @param max longest.
   */
  public record FaultLatency(long p50, long p90, long p99, long p999, long max) {
    /** When no fault was measured. */
    public static final FaultLatency NONE = new FaultLatency(0, 0, 0, 0, 0);
  }
}

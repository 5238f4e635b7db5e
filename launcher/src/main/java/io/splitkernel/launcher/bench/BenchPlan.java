package io.splitkernel.launcher.bench;

/**
 * How one operation is measured.
 *
 * @param operation what is measured.
 * @param sizeBytes of one operation.
 * @param iterations measured.
 * @param warmUp iterations before, not measured.
 * @param depth operations outstanding, for bandwidth.
 * @param events waits for completions by event instead of polling for them.
 */
public record BenchPlan(
    BenchOperation operation,
    int sizeBytes,
    int iterations,
    int warmUp,
    int depth,
    boolean events) {
  /**
   * How many operations may be outstanding.
   *
   * @return the depth; 1 for a latency.
   */
  public int outstanding() {
    return operation.isBandwidth() ? depth : 1;
  }
}

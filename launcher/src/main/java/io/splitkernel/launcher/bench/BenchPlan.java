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
    boolean events) {}

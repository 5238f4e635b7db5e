/**
 * {@code lego bench}: latency and bandwidth of one-sided operations, measured as perftest does,
 * with nothing of Lego above the fabric. {@link io.splitkernel.launcher.bench.BenchServer} lends
 * memory, {@link io.splitkernel.launcher.bench.BenchClient} measures against it; {@link
 * io.splitkernel.launcher.bench.BenchTable} and {@link io.splitkernel.launcher.bench.BenchDocument}
 * say what came out.
 */
package io.splitkernel.launcher.bench;

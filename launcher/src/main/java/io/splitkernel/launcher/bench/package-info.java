/**
 * {@code lego bench}: latency and bandwidth of one-sided operations, measured as perftest does,
 * with nothing of Lego above the fabric.
 */
package io.splitkernel.launcher.bench;

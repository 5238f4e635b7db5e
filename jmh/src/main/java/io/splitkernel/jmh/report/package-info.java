/**
 * The latency report: the fabric beside its yardstick (perftest on an RDMA device, a plain copy on
 * shared memory), in alternating rounds of one boot. {@link
 * io.splitkernel.jmh.report.LatencyReport} is the program that {@code ci/latency-report} runs:
 * first to measure, where the device is, then to write the page. One thread measures.
 */
package io.splitkernel.jmh.report;

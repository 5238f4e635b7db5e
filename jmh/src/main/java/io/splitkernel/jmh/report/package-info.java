/**
 * The latency report: Lego's fabric beside perftest, as one page that needs nothing else. {@code
 * ci/latency-report} collects the figures and starts {@link
 * io.splitkernel.jmh.report.LatencyReport}.
 */
package io.splitkernel.jmh.report;

/** Benchmarks and latency reports. */
package io.splitkernel.jmh;

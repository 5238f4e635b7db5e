/**
 * End-to-end tests: real programs, unmodified, run natively and under {@code ./lego run} with a
 * cache smaller than what they need, and compared byte by byte. Read {@link
 * io.splitkernel.ci.programs.SideBySide} first; the C programs are in {@code src/test/c}. Programs
 * that are not installed are skipped with the reason.
 */
package io.splitkernel.ci.programs;

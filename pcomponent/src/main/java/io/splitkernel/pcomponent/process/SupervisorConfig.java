package io.splitkernel.pcomponent.process;

import java.nio.file.Path;

/**
 * Settings of program supervision.
 *
 * @param memoryBytes what all pages of the program may take together; mappings beyond it answer
 *     ENOMEM.
 * @param agentDeadlineNs longest wait for an agent's answer, 10 s by default.
 * @param moveAvailable whether the kernel has UFFDIO_MOVE (Linux 6.8).
 * @param cacheBytes what of them is local.
 * @param privilegeHelper program that has the privilege which an ordinary user lacks.
 */
public record SupervisorConfig(
    long memoryBytes,
    long agentDeadlineNs,
    boolean moveAvailable,
    long cacheBytes,
    Path privilegeHelper) {
  /** Default of {@link #agentDeadlineNs}. */
  public static final long AGENT_DEADLINE_NS_DEFAULT = 10_000_000_000L;

  /** What the program may lock (mlock(2)): half of the cache, since the rest needs room. */
  long lockedBytesMax() {
    return cacheBytes / 2;
  }
}

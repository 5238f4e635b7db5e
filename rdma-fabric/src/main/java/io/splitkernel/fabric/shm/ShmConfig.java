package io.splitkernel.fabric.shm;

/**
 * Limits and times of one {@link ShmFabric}.
 *
 * @param regionsMax memory regions that may be registered at once, up to 1,048,576; 64 bytes of
 *     shared memory each once used.
 * @param memoriesMax memories that may be allocated at once, up to 4,096.
 * @param completionQueuesMax completion queues that may exist at once, up to 65,536.
 * @param connectionsMax connections that may exist at once.
 * @param handshakesMax connectors of one listener that may be between connect and accept; more are
 *     closed and counted.
 * @param handshakeTimeoutNs after which a connector that has not introduced itself is closed.
 * @param deregistrationTimeoutNs bound on waiting for a peer that is stopped (not dead) inside a
 *     copy on the region that is being deregistered.
 * @param spinNs how long {@code CompletionQueue.await} polls before it sleeps; 0 sleeps at once.
 */
public record ShmConfig(
    int regionsMax,
    int memoriesMax,
    int completionQueuesMax,
    int connectionsMax,
    int handshakesMax,
    long handshakeTimeoutNs,
    long deregistrationTimeoutNs,
    long spinNs) {
  private static final int PROCESSORS_TO_SPIN = 4;

  /** Validates ranges. */
  public ShmConfig {
    check("regionsMax", regionsMax, KeyTable.SLOTS_MAX);
    check("memoriesMax", memoriesMax, KeyTable.MEMORIES_MAX);
    check("completionQueuesMax", completionQueuesMax, 65_536);
    check("connectionsMax", connectionsMax, 65_536);
    check("handshakesMax", handshakesMax, 65_536);
    if (handshakeTimeoutNs < 1 || deregistrationTimeoutNs < 1 || spinNs < 0) {
      throw new IllegalArgumentException(
          "times must be positive: handshake "
              + handshakeTimeoutNs
              + " ns, deregistration "
              + deregistrationTimeoutNs
              + " ns, spin "
              + spinNs
              + " ns");
    }
  }

  private static void check(String name, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(name + " " + value + " is not in 1.." + max);
    }
  }

  /**
   * 262,144 regions, 1,024 memories, 1,024 queues, 4,096 connections, 128 handshakes of 2 s each, 5
   * s for a deregistration; spins 20 µs where there are four processors or more.
   *
   * @return the defaults.
   */
  public static ShmConfig defaults() {
    boolean spare = Runtime.getRuntime().availableProcessors() >= PROCESSORS_TO_SPIN;
    return new ShmConfig(
        1 << 18, 1024, 1024, 4096, 128, 2_000_000_000L, 5_000_000_000L, spare ? 20_000L : 0L);
  }
}

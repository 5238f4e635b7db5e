package io.splitkernel.protocol.cluster;

/** What the monitor tells a member. Called on the connection's thread; must not block. */
public interface MonitorListener {
  /**
   * A member is gone: a memory component with everything in it, or a processor component with its
   * programs.
   *
   * @param node which one, and why.
   */
  default void onNodeLost(LostNode node) {}

  /**
   * The monitor is gone, or has declared this member dead.
   *
   * @param reason one line.
   */
  default void onMonitorLost(String reason) {}

  /** The cluster is being taken down: end. */
  default void onShutdown() {}

  /**
   * A program of this processor component is to get a signal.
   *
   * @param globalPid of the program.
   * @param signal number.
   * @return true when it was delivered, false when there is no such program.
   */
  default boolean onKill(long globalPid, int signal) {
    return false;
  }

  /**
   * For memory components: a vRegion is now theirs.
   *
   * @param spaceId of the address space.
   * @param regionIndex address divided by the vRegion's length.
   * @param vRegionBytes that length.
   * @return false when no more can be taken.
   */
  default boolean onRegionGranted(long spaceId, long regionIndex, long vRegionBytes) {
    return false;
  }

  /**
   * For memory components: a space has ended, and with it what was granted for it.
   *
   * @param spaceId of the address space.
   */
  default void onSpaceEnded(long spaceId) {}
}

package io.splitkernel.protocol.cluster;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.protocol.Secret;
import java.util.List;

/**
 * A connection to the monitor: a member's ({@link #join}), kept alive by heartbeats, or an
 * operator's ({@link #connect}). Blocking calls with deadlines; any control thread.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class MonitorClient implements AutoCloseable {
  private MonitorClient() {}

  /**
   * Becomes a member of the cluster.
   *
   * @param fabric of this process; stays the caller's.
   * @param monitor where the monitor listens.
   * @param secret of the cluster.
   * @param membership what to tell.
   * @param listener what to do on news.
   * @param timeoutNs longest time for joining, and the deadline of every later call.
   * @return the client.
   * @throws FabricException when unreachable, too late, refused, or the secrets differ.
   */
  public static MonitorClient join(
      Fabric fabric,
      FabricAddress monitor,
      Secret secret,
      Membership membership,
      MonitorListener listener,
      long timeoutNs)
      throws FabricException {
    throw new UnsupportedOperationException();
  }

  /**
   * Connects for questions only, without becoming a member.
   *
   * @param fabric of this process; stays the caller's.
   * @param monitor where the monitor listens.
   * @param secret of the cluster.
   * @param timeoutNs longest time for connecting, and the deadline of every later call.
   * @return the client.
   * @throws FabricException when unreachable, too late, or the secrets differ.
   */
  public static MonitorClient connect(
      Fabric fabric, FabricAddress monitor, Secret secret, long timeoutNs) throws FabricException {
    throw new UnsupportedOperationException();
  }

  /**
   * This member's id.
   *
   * @return 1 to 2^32-1; 0 for an operator's connection.
   */
  public long nodeId() {
    throw new UnsupportedOperationException();
  }

  /**
   * Length of a vRegion in this cluster.
   *
   * @return bytes, a power of two; 0 for an operator's connection.
   */
  public long vRegionBytes() {
    throw new UnsupportedOperationException();
  }

  /**
   * Asks where a vRegion of an address space lives, placing it when it is new.
   *
   * @param spaceId with this member's id in its upper 32 bits.
   * @param regionIndex address divided by {@link #vRegionBytes}.
   * @return the answer.
   */
  public AssignResult assignRegion(long spaceId, long regionIndex) {
    throw new UnsupportedOperationException();
  }

  /**
   * An address space has ended; its placements are forgotten.
   *
   * @param spaceId of the space.
   * @return null when told, or the reason in one line why not.
   */
  public String releaseSpace(long spaceId) {
    throw new UnsupportedOperationException();
  }

  /**
   * A program has started on this processor component.
   *
   * @param program what to tell.
   * @return null when told, or the reason in one line why not.
   */
  public String programStarted(ProgramInfo program) {
    throw new UnsupportedOperationException();
  }

  /**
   * A program of this processor component has ended.
   *
   * @param globalPid of the program.
   * @return null when told, or the reason in one line why not.
   */
  public String programEnded(long globalPid) {
    throw new UnsupportedOperationException();
  }

  /**
   * All members.
   *
   * @return by node id.
   * @throws FabricException when the monitor could not be asked.
   */
  public List<NodeInfo> listNodes() throws FabricException {
    throw new UnsupportedOperationException();
  }

  /**
   * All running programs.
   *
   * @return by global pid.
   * @throws FabricException when the monitor could not be asked.
   */
  public List<ProgramInfo> listPrograms() throws FabricException {
    throw new UnsupportedOperationException();
  }

  /**
   * Counters of all members as last reported.
   *
   * @return by node id.
   * @throws FabricException when the monitor could not be asked.
   */
  public List<NodeCounters> stats() throws FabricException {
    throw new UnsupportedOperationException();
  }

  /**
   * Sends a program a signal, through its processor component.
   *
   * @param globalPid of the program.
   * @param signal number.
   * @return null when delivered, or the reason in one line why not.
   */
  public String kill(long globalPid, int signal) {
    throw new UnsupportedOperationException();
  }

  /**
   * Tells every member, and then the monitor, to end.
   *
   * @return null when told, or the reason in one line why not.
   */
  public String shutdownCluster() {
    throw new UnsupportedOperationException();
  }

  /** Leaves the cluster (a member) and ends the connection. Idempotent. */
  @Override
  public void close() {}
}

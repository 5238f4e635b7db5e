package io.splitkernel.protocol.cluster;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.rpc.Roles;
import io.splitkernel.protocol.sbe.MessageHeaderEncoder;
import io.splitkernel.protocol.sbe.RegisterEncoder;
import org.agrona.MutableDirectBuffer;

/**
 * What a component tells the monitor when it becomes a member.
 *
 * @param role of the component.
 * @param name shown to operators, 1 to 64 characters.
 * @param address where it listens, or null.
 * @param processId its process on its machine.
 * @param capacityBytes memory that it offers; 0 for others than memory components.
 * @param extentBytes its allocation granularity; 0 for others than memory components.
 * @param fileCacheBytes memory for files of volumes, 0 when it is not to own any.
 * @param counters read at every heartbeat.
 */
public record Membership(
    NodeRole role,
    String name,
    FabricAddress address,
    long processId,
    long capacityBytes,
    long extentBytes,
    long fileCacheBytes,
    CounterSource counters) {
  /** Without a cache of files. */
  public Membership(
      NodeRole role,
      String name,
      FabricAddress address,
      long processId,
      long capacityBytes,
      long extentBytes,
      CounterSource counters) {
    this(role, name, address, processId, capacityBytes, extentBytes, 0, counters);
  }

  /**
   * For a component that only uses the cluster.
   *
   * @param name shown to operators.
   * @param counters read at every heartbeat.
   * @return what to tell.
   */
  public static Membership processor(String name, CounterSource counters) {
    return new Membership(
        NodeRole.PROCESSOR, name, null, ProcessHandle.current().pid(), 0, 0, counters);
  }

  /** Most counters that travel. */
  static final int COUNTERS_MAX = 256;

  int encode(MutableDirectBuffer buffer, MessageHeaderEncoder header, long correlationId) {
    RegisterEncoder request = new RegisterEncoder().wrapAndApplyHeader(buffer, 0, header);
    request.correlationId(correlationId).role(Roles.toWire(role));
    request.port(address == null ? 0 : address.port()).processId(processId);
    request.capacityBytes(capacityBytes).extentBytes(extentBytes).fileCacheBytes(fileCacheBytes);
    String[] names = counters.names();
    if (names.length > COUNTERS_MAX) {
      throw new IllegalArgumentException(names.length + " counters are more than 256");
    }
    RegisterEncoder.CounterNamesEncoder entries = request.counterNamesCount(names.length);
    for (String counter : names) {
      entries.next().counter(counter);
    }
    request.name(name).host(address == null ? "" : address.host());
    return request.encodedLength();
  }
}

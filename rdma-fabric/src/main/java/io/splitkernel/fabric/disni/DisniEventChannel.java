package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.RdmaEventChannel;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A struct rdma_event_channel and the identifiers whose events come by it. */
final class DisniEventChannel extends RdmaEventChannel {
  private final long address;
  private final Map<Long, DisniId> ids = new ConcurrentHashMap<>();

  DisniEventChannel(long address) throws IOException {
    super(RawMemory.getInt(address + Results.at("rdma_event_channel.fd")));
    this.address = address;
  }

  static DisniEventChannel of(RdmaEventChannel channel) throws IOException {
    Results.open(channel.isOpen(), "event channel");
    return (DisniEventChannel) channel;
  }

  long address() {
    return address;
  }

  Map<Long, DisniId> ids() {
    return ids;
  }
}

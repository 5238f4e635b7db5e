package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvCQ;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;

/** A struct ibv_cq. */
final class DisniCq extends IbvCQ {
  private final long address;

  DisniCq(DisniContext context, DisniCompChannel channel, long address) throws IOException {
    super(context, channel, RawMemory.getInt(address + Results.at("ibv_cq.handle")));
    this.address = address;
    cqe = RawMemory.getInt(address + Results.at("ibv_cq.cqe"));
  }

  static DisniCq of(IbvCQ cq) throws IOException {
    if (cq == null) {
      throw new IOException("a completion queue is wanted");
    }
    Results.open(cq.isOpen(), "completion queue");
    return (DisniCq) cq;
  }

  long address() {
    return address;
  }

  DisniContext device() {
    return (DisniContext) context;
  }

  DisniCompChannel channel() {
    return (DisniCompChannel) channel;
  }
}

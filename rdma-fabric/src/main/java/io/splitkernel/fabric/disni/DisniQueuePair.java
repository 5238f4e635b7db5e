package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPCap;
import com.ibm.disni.verbs.IbvQPInitAttr;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.RdmaCm;
import java.io.IOException;

/** A struct ibv_qp. */
final class DisniQueuePair extends IbvQP {
  private final long address;
  private final DisniContext device;

  private DisniQueuePair(
      long address, DisniContext device, DisniPd domain, IbvQPInitAttr attributes)
      throws IOException {
    super(RawMemory.getInt(address + Results.at("ibv_qp.handle")));
    this.address = address;
    this.device = device;
    context = device;
    pd = domain;
    send_cq = attributes.getSend_cq();
    recv_cq = attributes.getRecv_cq();
    qp_num = RawMemory.getInt(address + Results.at("ibv_qp.qp_num"));
    qp_type = attributes.getQp_type();
    state = IBV_QPS_INIT;
  }

  /** rdma_create_qp. */
  static DisniQueuePair create(DisniId id, DisniPd pd, IbvQPInitAttr attributes)
      throws IOException {
    if (attributes.getQp_type() != IBV_QPT_RC || attributes.getSrq() != 0) {
      throw new UnsupportedOperationException("only IBV_QPT_RC, without a shared receive queue");
    }
    NativeBlock block = new NativeBlock(Results.at("sizeof(ibv_qp_init_attr)"));
    long at = block.address();
    IbvQPCap cap = attributes.cap();
    RawMemory.putLong(at + member("send_cq"), DisniCq.of(attributes.getSend_cq()).address());
    RawMemory.putLong(at + member("recv_cq"), DisniCq.of(attributes.getRecv_cq()).address());
    RawMemory.putInt(at + member("cap.max_send_wr"), cap.getMax_send_wr());
    RawMemory.putInt(at + member("cap.max_recv_wr"), cap.getMax_recv_wr());
    RawMemory.putInt(at + member("cap.max_send_sge"), cap.getMax_send_sge());
    RawMemory.putInt(at + member("cap.max_recv_sge"), cap.getMax_recv_sge());
    RawMemory.putInt(at + member("cap.max_inline_data"), cap.getMax_inline_data());
    RawMemory.putInt(at + member("qp_type"), attributes.getQp_type());
    RawMemory.putInt(at + member("sq_sig_all"), attributes.getSq_sig_all());
    Results.done(
        "rdma_create_qp",
        block.during(place -> RdmaCm.createQp(id.address(), pd.address(), place)));
    long address = RawMemory.getLong(id.address() + Results.at("rdma_cm_id.qp"));
    DisniQueuePair queuePair =
        new DisniQueuePair(address, DisniContext.of(id.getVerbs()), pd, attributes);
    id.queuePair(queuePair);
    return queuePair;
  }

  private static int member(String name) {
    return Results.at("ibv_qp_init_attr." + name);
  }

  static DisniQueuePair of(IbvQP qp) throws IOException {
    Results.open(qp.isOpen(), "queue pair");
    return (DisniQueuePair) qp;
  }

  long address() {
    return address;
  }

  DisniContext device() {
    return device;
  }
}

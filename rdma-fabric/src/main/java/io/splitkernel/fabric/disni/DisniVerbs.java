package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvCQ;
import com.ibm.disni.verbs.IbvCompChannel;
import com.ibm.disni.verbs.IbvContext;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.RdmaVerbs;
import com.ibm.disni.verbs.SVCDeregMr;
import com.ibm.disni.verbs.SVCPollCq;
import com.ibm.disni.verbs.SVCPostRecv;
import com.ibm.disni.verbs.SVCPostSend;
import com.ibm.disni.verbs.SVCRegMr;
import com.ibm.disni.verbs.SVCReqNotify;
import io.splitkernel.ffi.rdma.Verbs;
import io.splitkernel.ffi.rdma.VerbsQueues;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** DiSNI's verbs on libibverbs. Thread-safe as far as libibverbs is. */
final class DisniVerbs extends RdmaVerbs {
  @Override
  public IbvPd allocPd(IbvContext context) throws IOException {
    DisniContext device = DisniContext.of(context);
    return new DisniPd(device, Results.object("ibv_alloc_pd", Verbs.allocPd(device.address())));
  }

  @Override
  public IbvCompChannel createCompChannel(IbvContext context) throws IOException {
    DisniContext device = DisniContext.of(context);
    return new DisniCompChannel(
        device,
        Results.object("ibv_create_comp_channel", Verbs.createCompChannel(device.address())));
  }

  @Override
  public IbvCQ createCQ(IbvContext context, IbvCompChannel channel, int entries, int vector)
      throws IOException {
    DisniContext device = DisniContext.of(context);
    DisniCompChannel events = channel == null ? null : DisniCompChannel.of(channel);
    long cq =
        Results.object(
            "ibv_create_cq of " + entries + " entries",
            Verbs.createCq(
                device.address(), entries, events == null ? 0 : events.address(), vector));
    if (events != null) {
      events.use();
    }
    return new DisniCq(device, events, cq);
  }

  @Override
  public boolean getCqEvent(IbvCompChannel channel, IbvCQ cq, int timeoutMs) throws IOException {
    return DisniCompChannel.of(channel).take(timeoutMs);
  }

  @Override
  public SVCRegMr regMr(IbvPd pd, ByteBuffer buffer, int access) throws IOException {
    if (!buffer.isDirect()) {
      throw new IOException("regMr: a direct buffer is wanted (ByteBuffer.allocateDirect)");
    }
    long address = Utilities.getAddress(buffer);
    return new RegisterCall(DisniPd.of(pd), address, buffer.capacity(), access, buffer);
  }

  @Override
  public SVCRegMr regMr(IbvPd pd, long address, int lengthBytes, int access) throws IOException {
    return new RegisterCall(DisniPd.of(pd), address, lengthBytes, access, null);
  }

  /** {@inheritDoc} It is not looked for: no kind of it is said to be there. */
  @Override
  public int queryOdpSupport(IbvContext context) {
    return 0;
  }

  @Override
  public int expPrefetchMr(IbvMr mr, long address, int lengthBytes) {
    throw new UnsupportedOperationException("expPrefetchMr: on-demand paging is not supported");
  }

  @Override
  public SVCDeregMr deregMr(IbvMr mr) {
    return new DeregisterCall(DisniMr.of(mr));
  }

  @Override
  public SVCPostSend postSend(IbvQP qp, List<IbvSendWR> requests, List<IbvSendWR> bad)
      throws IOException {
    return new PostSendCall(DisniQueuePair.of(qp), requests, bad);
  }

  @Override
  public SVCPostRecv postRecv(IbvQP qp, List<IbvRecvWR> requests, List<IbvRecvWR> bad)
      throws IOException {
    return new PostReceiveCall(DisniQueuePair.of(qp), requests, bad);
  }

  @Override
  public SVCPollCq pollCQ(IbvCQ cq, IbvWC[] completions, int entries) throws IOException {
    return new PollCall(DisniCq.of(cq), completions, entries);
  }

  @Override
  public SVCReqNotify reqNotifyCQ(IbvCQ cq, boolean solicitedOnly) throws IOException {
    return new NotifyCall(DisniCq.of(cq), solicitedOnly);
  }

  @Override
  public int ackCqEvents(IbvCQ cq, int events) throws IOException {
    VerbsQueues.ackCqEvents(DisniCq.of(cq).address(), events);
    return 0;
  }

  @Override
  public int destroyCompChannel(IbvCompChannel channel) throws IOException {
    DisniCompChannel.of(channel).destroy();
    return 0;
  }

  @Override
  public int deallocPd(IbvPd pd) throws IOException {
    DisniPd ours = DisniPd.of(pd);
    ours.close();
    return Results.done("ibv_dealloc_pd", Verbs.deallocPd(ours.address()));
  }

  @Override
  public int destroyCQ(IbvCQ cq) throws IOException {
    DisniCq ours = DisniCq.of(cq);
    Results.done("ibv_destroy_cq", Verbs.destroyCq(ours.address()));
    ours.close();
    if (ours.channel() != null) {
      ours.channel().release();
    }
    return 0;
  }
}

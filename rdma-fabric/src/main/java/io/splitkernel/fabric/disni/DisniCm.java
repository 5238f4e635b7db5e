package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.RdmaCmEvent;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.RdmaConnParam;
import com.ibm.disni.verbs.RdmaEventChannel;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.RdmaCm;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** DiSNI's connection manager on librdmacm. Thread-safe as far as librdmacm is; control path. */
final class DisniCm extends com.ibm.disni.verbs.RdmaCm {
  private static final long FOREVER_NS = 3_600_000_000_000L;

  @Override
  public RdmaEventChannel createEventChannel() throws IOException {
    long channel = Results.object("rdma_create_event_channel", RdmaCm.createEventChannel());
    DisniEventChannel object = new DisniEventChannel(channel);
    FileDescriptor.setNonBlocking(object.getFd());
    return object;
  }

  @Override
  public RdmaCmId createId(RdmaEventChannel channel, short portSpace) throws IOException {
    if (portSpace != RDMA_PS_TCP) {
      throw new UnsupportedOperationException("only RDMA_PS_TCP: reliable connections");
    }
    DisniEventChannel events = DisniEventChannel.of(channel);
    return new DisniId(
        events, Results.object("rdma_create_id", RdmaCm.createId(events.address(), 0)));
  }

  @Override
  public IbvQP createQP(RdmaCmId id, IbvPd pd, IbvQPInitAttr attributes) throws IOException {
    return DisniQueuePair.create(DisniId.of(id), DisniPd.of(pd), attributes);
  }

  @Override
  public void bindAddr(RdmaCmId id, SocketAddress address) throws IOException {
    long ours = DisniId.of(id).address();
    int result = socketAddress(address).during(place -> RdmaCm.bind(ours, place));
    Results.done("rdma_bind_addr(" + address + ")", result);
  }

  private static NativeBlock socketAddress(SocketAddress address) throws IOException {
    if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
      throw new IOException("an IP address is wanted, not " + address);
    }
    NativeBlock place = new NativeBlock(RdmaCm.SOCKET_ADDRESS_BYTES);
    RdmaCm.socketAddress(place.address(), inet.getAddress(), inet.getPort());
    return place;
  }

  @Override
  public void listen(RdmaCmId id, int backlog) throws IOException {
    Results.done("rdma_listen", RdmaCm.listen(DisniId.of(id).address(), backlog));
  }

  @Override
  public void resolveAddr(
      RdmaCmId id, SocketAddress source, SocketAddress destination, int timeoutMs)
      throws IOException {
    long ours = DisniId.of(id).address();
    NativeBlock from = source == null ? null : socketAddress(source);
    NativeBlock to = socketAddress(destination);
    int result =
        to.during(place ->
            from == null
                ? RdmaCm.resolveAddress(ours, place, timeoutMs)
                : from.during(own -> RdmaCm.resolveAddress(ours, own, place, timeoutMs)));
    Results.done("rdma_resolve_addr(" + destination + ")", result);
  }

  @Override
  public void resolveRoute(RdmaCmId id, int timeoutMs) throws IOException {
    Results.done("rdma_resolve_route", RdmaCm.resolveRoute(DisniId.of(id).address(), timeoutMs));
  }

  /** {@inheritDoc} Null when none came in time; a negative time is forever. */
  @Override
  public RdmaCmEvent getCmEvent(RdmaEventChannel channel, int timeoutMs) throws IOException {
    DisniEventChannel events = DisniEventChannel.of(channel);
    long event = RdmaCm.getEvent(events.address());
    do {
      if (event == -Errno.EAGAIN) {
        long timeoutNs = timeoutMs < 0 ? FOREVER_NS : timeoutMs * 1_000_000L;
        FileDescriptor.awaitReadable(events.getFd(), timeoutNs);
        event = RdmaCm.getEvent(events.address());
      }
    } while (event == -Errno.EAGAIN && timeoutMs < 0);
    return event == -Errno.EAGAIN ? null : take(events, Results.object("rdma_get_cm_event", event));
  }

  private static DisniEvent take(DisniEventChannel channel, long event) throws IOException {
    long id = RawMemory.getLong(event + Results.at("rdma_cm_event.id"));
    long listening = RawMemory.getLong(event + Results.at("rdma_cm_event.listen_id"));
    int kind = RawMemory.getInt(event + Results.at("rdma_cm_event.event"));
    try {
      DisniId connection =
          kind == Results.at("RDMA_CM_EVENT_CONNECT_REQUEST")
              ? new DisniId(channel, id)
              : channel.ids().get(id);
      DisniId listener = listening == 0 ? null : channel.ids().get(listening);
      return new DisniEvent(event, listener, connection);
    } finally {
      RdmaCm.acknowledge(event);
    }
  }

  @Override
  public int ackCmEvent(RdmaCmEvent event) {
    ((DisniEvent) event).acknowledge();
    return 0;
  }

  @Override
  public void connect(RdmaCmId id, RdmaConnParam parameters) throws IOException {
    long ours = DisniId.of(id).address();
    int result = ConnectionParameters.of(parameters).during(place -> RdmaCm.connect(ours, place));
    Results.done("rdma_connect", result);
  }

  @Override
  public void accept(RdmaCmId id, RdmaConnParam parameters) throws IOException {
    long ours = DisniId.of(id).address();
    int result = ConnectionParameters.of(parameters).during(place -> RdmaCm.accept(ours, place));
    Results.done("rdma_accept", result);
  }

  @Override
  public int disconnect(RdmaCmId id) throws IOException {
    return RdmaCm.disconnect(DisniId.of(id).address());
  }

  @Override
  public int destroyEventChannel(RdmaEventChannel channel) throws IOException {
    DisniEventChannel events = DisniEventChannel.of(channel);
    channel.close();
    RdmaCm.destroyEventChannel(events.address());
    return 0;
  }

  @Override
  public int destroyCmId(RdmaCmId id) throws IOException {
    DisniId ours = DisniId.of(id);
    ours.forget();
    return RdmaCm.destroyId(ours.address());
  }

  @Override
  public int destroyQP(RdmaCmId id) throws IOException {
    IbvQP queuePair = DisniId.of(id).getQp();
    Results.open(queuePair != null && queuePair.isOpen(), "queue pair");
    queuePair.close();
    RdmaCm.destroyQp(DisniId.of(id).address());
    return 0;
  }

  @Override
  public SocketAddress getSrcAddr(RdmaCmId id) throws IOException {
    return DisniId.of(id).local();
  }

  @Override
  public SocketAddress getDstAddr(RdmaCmId id) throws IOException {
    return DisniId.of(id).remote();
  }

  @Override
  public int destroyEp(RdmaCmId id) throws IOException {
    IbvQP queuePair = DisniId.of(id).getQp();
    if (queuePair != null && queuePair.isOpen()) {
      destroyQP(id);
    }
    return destroyCmId(id);
  }
}

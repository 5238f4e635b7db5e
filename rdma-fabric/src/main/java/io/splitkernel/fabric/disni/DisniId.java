package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvContext;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaCmId;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;

/** A struct rdma_cm_id. */
final class DisniId extends RdmaCmId {
  private static final int INET = 2;
  private static final int INET6 = 10;

  private final DisniEventChannel channel;
  private final long address;

  DisniId(DisniEventChannel channel, long address) throws IOException {
    super(channel, null);
    this.channel = channel;
    this.address = address;
    ps = RdmaCm.RDMA_PS_TCP;
    channel.ids().put(address, this);
  }

  static DisniId of(RdmaCmId id) throws IOException {
    Results.open(id.isOpen(), "identifier");
    return (DisniId) id;
  }

  long address() {
    return address;
  }

  void queuePair(IbvQP queuePair) {
    setQp(queuePair);
  }

  /** Nothing of it is known any more. */
  void forget() {
    close();
    channel.ids().remove(address);
  }

  /** The device; null until the address is bound or resolved. */
  @Override
  public IbvContext getVerbs() throws IOException {
    if (verbs == null && isOpen()) {
      long context = RawMemory.getLong(address + Results.at("rdma_cm_id.verbs"));
      verbs = context == 0 ? null : DisniContext.of(context);
      port_num = RawMemory.getByte(address + Results.at("rdma_cm_id.port_num"));
    }
    return verbs;
  }

  SocketAddress local() throws IOException {
    return socketAddress(address + Results.at("rdma_cm_id.route.addr.src_storage"));
  }

  SocketAddress remote() throws IOException {
    return socketAddress(address + Results.at("rdma_cm_id.route.addr.dst_storage"));
  }

  /** Of a struct sockaddr_in or sockaddr_in6; null of any other. */
  private static SocketAddress socketAddress(long place) throws UnknownHostException {
    int family = RawMemory.getByte(place) & 0xff;
    if (family != INET && family != INET6) {
      return null;
    }
    byte[] bytes = new byte[family == INET ? 4 : 16];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = RawMemory.getByte(place + (family == INET ? 4 : 8) + i);
    }
    int port = (RawMemory.getByte(place + 2) & 0xff) << 8 | (RawMemory.getByte(place + 3) & 0xff);
    return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
  }
}

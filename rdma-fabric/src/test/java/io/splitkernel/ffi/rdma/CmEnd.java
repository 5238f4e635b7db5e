package io.splitkernel.ffi.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import java.net.InetAddress;
import java.util.concurrent.locks.LockSupport;

/** One end of a connection, made step by step with the bindings alone. One thread. */
final class CmEnd implements AutoCloseable {
  private static final int PAGE = 4096;
  private static final int TIMEOUT_MS = 30_000;

  final long memory = RawMemory.map(PAGE);
  private final long scratch = RawMemory.map(PAGE);
  private final long channel = RdmaCm.createEventChannel();
  private final long id = RdmaCm.createId(channel, 0);
  private long connected = id;
  private long pd;
  private long cq;
  private long qp;
  private VerbsQueues queues;

  CmEnd() {
    assertTrue(channel > 0 && id > 0, Errno.text(id));
  }

  long id() {
    return id;
  }

  int listen(InetAddress at) {
    RdmaCm.socketAddress(scratch, at, 0);
    assertEquals(0, RdmaCm.bind(id, scratch));
    assertEquals(0, RdmaCm.listen(id, 4));
    return RdmaCm.sourcePort(id);
  }

  void resolve(InetAddress at, int port) {
    RdmaCm.socketAddress(scratch, at, port);
    assertEquals(0, RdmaCm.resolveAddress(id, scratch, TIMEOUT_MS));
    expect("RDMA_CM_EVENT_ADDR_RESOLVED");
    assertEquals(0, RdmaCm.resolveRoute(id, TIMEOUT_MS));
    expect("RDMA_CM_EVENT_ROUTE_RESOLVED");
  }

  /** Makes domain, completion queue and queue pair on the device of an identifier. */
  void open(long of) {
    long context = RawMemory.getLong(of + VerbsLayout.of("rdma_cm_id.verbs"));
    queues = new VerbsQueues(context);
    pd = Verbs.allocPd(context);
    cq = Verbs.createCq(context, 16, 0);
    assertTrue(pd > 0 && cq > 0, Errno.text(cq));
    RawMemory.zero(scratch, PAGE);
    set("ibv_qp_init_attr.send_cq", cq);
    set("ibv_qp_init_attr.recv_cq", cq);
    setInt("ibv_qp_init_attr.cap.max_send_wr", 8);
    setInt("ibv_qp_init_attr.cap.max_recv_wr", 8);
    setInt("ibv_qp_init_attr.cap.max_send_sge", 1);
    setInt("ibv_qp_init_attr.cap.max_recv_sge", 1);
    setInt("ibv_qp_init_attr.qp_type", VerbsLayout.of("IBV_QPT_RC"));
    assertEquals(0, RdmaCm.createQp(of, pd, scratch));
    qp = RawMemory.getLong(of + VerbsLayout.of("rdma_cm_id.qp"));
    connected = of;
  }

  void connect() {
    assertEquals(0, RdmaCm.connect(id, parameters()));
  }

  long awaitRequest() {
    return expect("RDMA_CM_EVENT_CONNECT_REQUEST");
  }

  void accept(long request) {
    assertEquals(0, RdmaCm.accept(request, parameters()));
  }

  private long parameters() {
    RawMemory.zero(scratch, PAGE);
    setByte("rdma_conn_param.responder_resources", 4);
    setByte("rdma_conn_param.initiator_depth", 4);
    setByte("rdma_conn_param.retry_count", 4);
    setByte("rdma_conn_param.rnr_retry_count", 4);
    return scratch;
  }

  /** Waits for an event, which must be the named one; the identifier that it is about. */
  long expect(String name) {
    long event = RdmaCm.getEvent(channel);
    assertTrue(event > 0, Errno.text(event));
    int kind = RawMemory.getInt(event + VerbsLayout.of("rdma_cm_event.event"));
    long about = RawMemory.getLong(event + VerbsLayout.of("rdma_cm_event.id"));
    RdmaCm.acknowledge(event);
    assertEquals(VerbsLayout.of(name), kind, name);
    return about;
  }

  long register(long iova, int access) {
    long mr = Verbs.regMr(pd, memory, PAGE, iova, access);
    assertTrue(mr > 0, Errno.text(mr));
    return mr;
  }

  void read(int lkey, long remote, int rkey, int bytes) {
    RawMemory.zero(scratch, PAGE);
    long element = scratch + 1024;
    set("ibv_send_wr.sg_list", element);
    setInt("ibv_send_wr.num_sge", 1);
    setInt("ibv_send_wr.opcode", VerbsLayout.of("IBV_WR_RDMA_READ"));
    setInt("ibv_send_wr.send_flags", VerbsLayout.of("IBV_SEND_SIGNALED"));
    set("ibv_send_wr.wr.rdma.remote_addr", remote);
    setInt("ibv_send_wr.wr.rdma.rkey", rkey);
    RawMemory.putLong(element + VerbsLayout.of("ibv_sge.addr"), memory);
    RawMemory.putInt(element + VerbsLayout.of("ibv_sge.length"), bytes);
    RawMemory.putInt(element + VerbsLayout.of("ibv_sge.lkey"), lkey);
    assertEquals(0, queues.postSend(qp, scratch, scratch + 2048));
  }

  int awaitStatus() {
    long until = System.nanoTime() + TIMEOUT_MS * 1_000_000L;
    while (queues.poll(cq, 1, scratch) == 0) {
      assertTrue(System.nanoTime() < until, "no completion");
      LockSupport.parkNanos(100_000); // a spinning reader would keep a soft device from working
    }
    return RawMemory.getInt(scratch + VerbsLayout.of("ibv_wc.status"));
  }

  private void set(String member, long value) {
    RawMemory.putLong(scratch + VerbsLayout.of(member), value);
  }

  private void setInt(String member, int value) {
    RawMemory.putInt(scratch + VerbsLayout.of(member), value);
  }

  private void setByte(String member, int value) {
    RawMemory.putByte(scratch + VerbsLayout.of(member), (byte) value);
  }

  @Override
  public void close() {
    if (qp != 0) {
      RdmaCm.destroyQp(connected);
      Verbs.destroyCq(cq);
      Verbs.deallocPd(pd);
    }
    if (connected != id) {
      RdmaCm.destroyId(connected);
    }
    RdmaCm.destroyId(id);
    RdmaCm.destroyEventChannel(channel);
    RawMemory.unmap(memory, PAGE);
    RawMemory.unmap(scratch, PAGE);
  }
}

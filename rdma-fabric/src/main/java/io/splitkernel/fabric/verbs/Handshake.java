package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.RdmaCm;
import io.splitkernel.ffi.rdma.Verbs;
import io.splitkernel.ffi.rdma.VerbsLayout;
import java.util.Arrays;

/**
 * What both sides of a connection do alike: the queue pair, its times and rights, and private data,
 * which travels behind a byte that tells its length, because the connection manager pads it.
 */
final class Handshake {
  /** Most bytes of a reason for a rejection. */
  static final int REASON_MAX = 128;

  private static final int SCRATCH_BYTES = 4096;
  private static final int DATA_AT = 1024;
  private static final int READS_MAX = 16;
  private static final int RETRIES = 6;
  private static final int TIMEOUT_MIN = 8;
  private static final int TIMEOUT_MAX = 21;

  /** 7 would never end. */
  private static final int RECEIVER_RETRIES = 6;

  private Handshake() {}

  /** Creates the queue pair of an identifier and sets its local ACK timeout. */
  static void createQueuePair(VerbsFabric fabric, long id, ConnectionConfig config)
      throws FabricException {
    if (!(config.protectionDomain() instanceof VerbsProtectionDomain domain)
        || !domain.isUsableBy(fabric)
        || !(config.sendQueue() instanceof VerbsCompletionQueue sendQueue)
        || !(config.receiveQueue() instanceof VerbsCompletionQueue receiveQueue)) {
      throw new FabricException("connect: the domain or a queue belongs to another fabric");
    }
    long attributes = RawMemory.map(SCRATCH_BYTES);
    RawMemory.putLong(attributes + at("ibv_qp_init_attr.send_cq"), sendQueue.cq());
    RawMemory.putLong(attributes + at("ibv_qp_init_attr.recv_cq"), receiveQueue.cq());
    RawMemory.putInt(attributes + at("ibv_qp_init_attr.cap.max_send_wr"), config.sendDepth());
    RawMemory.putInt(attributes + at("ibv_qp_init_attr.cap.max_recv_wr"), config.receiveDepth());
    RawMemory.putInt(attributes + at("ibv_qp_init_attr.cap.max_send_sge"), WorkRequest.SCATTER_MAX);
    RawMemory.putInt(attributes + at("ibv_qp_init_attr.cap.max_recv_sge"), 1);
    RawMemory.putInt(
        attributes + at("ibv_qp_init_attr.cap.max_inline_data"), fabric.limits().inlineBytesMax());
    RawMemory.putInt(attributes + at("ibv_qp_init_attr.qp_type"), at("IBV_QPT_RC"));
    RdmaCm.setAckTimeout(id, ackTimeout(config.retryTimeoutNs()));
    int result = RdmaCm.createQp(id, domain.pd(), attributes);
    RawMemory.unmap(attributes, SCRATCH_BYTES);
    if (result != 0) {
      throw new FabricException(
          "rdma_create_qp(send="
              + config.sendDepth()
              + ", receive="
              + config.receiveDepth()
              + "): "
              + Errno.text(result));
    }
  }

  /**
   * Limits what peers may do on a connection, whatever regions allow, and tells peers how long to
   * wait when no receive is posted, which the connection manager would leave at 655 ms.
   */
  static void limit(long id, ConnectionConfig config) throws FabricException {
    long attributes = RawMemory.map(SCRATCH_BYTES);
    RawMemory.putInt(attributes + at("ibv_qp_attr.qp_access_flags"), config.remoteAccess());
    byte timer = ReceiverTimer.code(config.retryTimeoutNs() / RECEIVER_RETRIES);
    RawMemory.putByte(attributes + at("ibv_qp_attr.min_rnr_timer"), timer);
    long qp = RawMemory.getLong(id + at("rdma_cm_id.qp"));
    int mask = at("IBV_QP_ACCESS_FLAGS") | at("IBV_QP_MIN_RNR_TIMER");
    int result = Verbs.modifyQp(qp, attributes, mask);
    RawMemory.unmap(attributes, SCRATCH_BYTES);
    if (result != 0) {
      throw new FabricException("ibv_modify_qp(access, receiver timer): " + Errno.text(result));
    }
  }

  /** Moves the queue pair of an identifier into error; whatever is posted on it is flushed. */
  static void breakQueuePair(long id) {
    long attributes = RawMemory.map(SCRATCH_BYTES);
    RawMemory.putInt(attributes + at("ibv_qp_attr.qp_state"), at("IBV_QPS_ERR"));
    Verbs.modifyQp(RawMemory.getLong(id + at("rdma_cm_id.qp")), attributes, at("IBV_QP_STATE"));
    RawMemory.unmap(attributes, SCRATCH_BYTES);
  }

  /** rdma_connect or rdma_accept. */
  static int join(long id, ConnectionConfig config, byte[] privateData, boolean accept) {
    long parameters = RawMemory.map(SCRATCH_BYTES);
    put(parameters + DATA_AT, privateData);
    RawMemory.putLong(parameters + at("rdma_conn_param.private_data"), parameters + DATA_AT);
    byte length = (byte) (privateData.length + 1);
    RawMemory.putByte(parameters + at("rdma_conn_param.private_data_len"), length);
    RawMemory.putByte(parameters + at("rdma_conn_param.responder_resources"), (byte) READS_MAX);
    RawMemory.putByte(parameters + at("rdma_conn_param.initiator_depth"), (byte) READS_MAX);
    RawMemory.putByte(parameters + at("rdma_conn_param.retry_count"), (byte) RETRIES);
    RawMemory.putByte(parameters + at("rdma_conn_param.rnr_retry_count"), (byte) RECEIVER_RETRIES);
    int result = accept ? RdmaCm.accept(id, parameters) : RdmaCm.connect(id, parameters);
    RawMemory.unmap(parameters, SCRATCH_BYTES);
    return result;
  }

  /** rdma_reject with a reason. */
  static void reject(long id, byte[] reason) {
    byte[] cut = Arrays.copyOf(reason, Math.min(reason.length, REASON_MAX));
    long data = RawMemory.map(SCRATCH_BYTES);
    put(data, cut);
    RdmaCm.reject(id, data, cut.length + 1);
    RawMemory.unmap(data, SCRATCH_BYTES);
  }

  private static void put(long to, byte[] data) {
    RawMemory.putByte(to, (byte) data.length);
    for (int i = 0; i < data.length; i++) {
      RawMemory.putByte(to + 1 + i, data[i]);
    }
  }

  /** What a peer has put in, out of what the connection manager padded; untrusted. */
  static byte[] take(byte[] padded) {
    int length = padded.length == 0 ? 0 : padded[0] & 0xff;
    return Arrays.copyOfRange(
        padded, Math.min(1, padded.length), Math.min(length + 1, padded.length));
  }

  /** Exponent of the local ACK timeout, so that all retries together take about so long. */
  static int ackTimeout(long retryTimeoutNs) {
    long units = Math.max(1, retryTimeoutNs / RETRIES / 4096);
    return Math.clamp(63 - Long.numberOfLeadingZeros(units), TIMEOUT_MIN, TIMEOUT_MAX);
  }

  private static int at(String name) {
    return VerbsLayout.of(name);
  }
}

package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.RdmaConnParam;
import io.splitkernel.ffi.RawMemory;

/** A struct rdma_conn_param; what a program leaves at 0 gets the most that the device can do. */
final class ConnectionParameters {
  /** RDMA_MAX_RESP_RES and RDMA_MAX_INIT_DEPTH: as many as the device has. */
  private static final byte DEVICE_MAX = (byte) 0xff;

  private ConnectionParameters() {}

  static NativeBlock of(RdmaConnParam wanted) {
    NativeBlock block = new NativeBlock(Results.at("sizeof(rdma_conn_param)"));
    byte resources = wanted.getResponder_resources();
    byte depth = wanted.getInitiator_depth();
    long at = block.address();
    RawMemory.putLong(at + Results.at("rdma_conn_param.private_data"), wanted.getPrivate_data());
    put(at, "private_data_len", wanted.getPrivate_data_len());
    put(at, "responder_resources", resources == 0 ? DEVICE_MAX : resources);
    put(at, "initiator_depth", depth == 0 ? DEVICE_MAX : depth);
    put(at, "flow_control", wanted.getFlow_control());
    put(at, "retry_count", wanted.getRetry_count());
    put(at, "rnr_retry_count", wanted.getRnr_retry_count());
    return block;
  }

  private static void put(long at, String member, byte value) {
    RawMemory.putByte(at + Results.at("rdma_conn_param." + member), value);
  }
}

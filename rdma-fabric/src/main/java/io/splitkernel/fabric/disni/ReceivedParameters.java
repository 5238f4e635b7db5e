package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.RdmaConnParam;
import io.splitkernel.ffi.RawMemory;

/** What came with an event of a connection: a copy of a struct rdma_conn_param. */
final class ReceivedParameters extends RdmaConnParam {
  private static final String PARAMETERS = "rdma_cm_event.param.conn.";

  private NativeBlock privateData;

  ReceivedParameters(long event) {
    long data = RawMemory.getLong(event + Results.at(PARAMETERS + "private_data"));
    int bytes = at(event, "private_data_len") & 0xff;
    if (data != 0 && bytes > 0) {
      privateData = new NativeBlock(bytes);
      RawMemory.copy(data, privateData.address(), bytes);
      private_data_addr = privateData.address();
      private_data_len = (byte) bytes;
    }
    responder_resources = at(event, "responder_resources");
    initiator_depth = at(event, "initiator_depth");
    qp_num = RawMemory.getInt(event + Results.at(PARAMETERS + "qp_num"));
  }

  private static byte at(long event, String member) {
    return RawMemory.getByte(event + Results.at(PARAMETERS + member));
  }

  /** The private data is gone from here on. */
  void forget() {
    private_data_addr = 0;
    private_data_len = 0;
    privateData = null;
  }
}

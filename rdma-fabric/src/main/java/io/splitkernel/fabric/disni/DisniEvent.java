package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.RdmaCmEvent;
import com.ibm.disni.verbs.RdmaConnParam;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;

/**
 * A copy of a struct rdma_cm_event, which can be given back at once: so a program may destroy an
 * identifier while it looks at an event.
 */
final class DisniEvent extends RdmaCmEvent {
  private static final String PARAMETERS = "rdma_cm_event.param.conn.";

  private NativeBlock privateData;

  DisniEvent(long event, DisniId listening, DisniId connection) throws IOException {
    super(RawMemory.getInt(event + Results.at("rdma_cm_event.event")), listening, connection);
    status = RawMemory.getInt(event + Results.at("rdma_cm_event.status"));
    if (this.event >= Results.at("RDMA_CM_EVENT_CONNECT_REQUEST")
        && this.event <= Results.at("RDMA_CM_EVENT_ESTABLISHED")) {
      conn = parameters(event);
    }
  }

  private RdmaConnParam parameters(long event) throws IOException {
    RdmaConnParam parameters = new RdmaConnParam();
    long data = RawMemory.getLong(event + Results.at(PARAMETERS + "private_data"));
    int bytes = RawMemory.getByte(event + Results.at(PARAMETERS + "private_data_len")) & 0xff;
    if (data != 0 && bytes > 0) {
      privateData = new NativeBlock(bytes);
      RawMemory.copy(data, privateData.address(), bytes);
      parameters.setPrivate_data(privateData.address());
      parameters.setPrivate_data_len((byte) bytes);
    }
    parameters.setResponder_resources(
        RawMemory.getByte(event + Results.at(PARAMETERS + "responder_resources")));
    parameters.setInitiator_depth(
        RawMemory.getByte(event + Results.at(PARAMETERS + "initiator_depth")));
    parameters.setQp_num(RawMemory.getInt(event + Results.at(PARAMETERS + "qp_num")));
    return parameters;
  }

  /** The private data is gone from here on. */
  void acknowledge() {
    privateData = null;
  }
}

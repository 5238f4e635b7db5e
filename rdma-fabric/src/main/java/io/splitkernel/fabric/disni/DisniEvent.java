package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.RdmaCmEvent;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;

/**
 * A copy of a struct rdma_cm_event, which can be given back at once: so a program may destroy an
 * identifier while it looks at an event.
 */
final class DisniEvent extends RdmaCmEvent {
  private ReceivedParameters received;

  DisniEvent(long event, DisniId listening, DisniId connection) throws IOException {
    super(RawMemory.getInt(event + Results.at("rdma_cm_event.event")), listening, connection);
    status = RawMemory.getInt(event + Results.at("rdma_cm_event.status"));
    if (this.event >= Results.at("RDMA_CM_EVENT_CONNECT_REQUEST")
        && this.event <= Results.at("RDMA_CM_EVENT_ESTABLISHED")) {
      received = new ReceivedParameters(event);
      conn = received;
    }
  }

  /** The private data is gone from here on. */
  void acknowledge() {
    if (received != null) {
      received.forget();
    }
  }
}

package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.SVCReqNotify;
import java.io.IOException;

/** ibv_req_notify_cq. */
final class NotifyCall extends SVCReqNotify {
  private final DisniCq cq;
  private final boolean solicitedOnly;
  private boolean freed;

  NotifyCall(DisniCq cq, boolean solicitedOnly) {
    this.cq = cq;
    this.solicitedOnly = solicitedOnly;
  }

  @Override
  public SVCReqNotify execute() throws IOException {
    Results.open(isValid(), "completion queue, or the call,");
    int result = cq.device().queues().requestNotify(cq.address(), solicitedOnly);
    if (result != 0) {
      throw Results.failure("ibv_req_notify_cq", result);
    }
    return this;
  }

  @Override
  public boolean isValid() {
    return !freed && cq.isOpen();
  }

  @Override
  public SVCReqNotify free() {
    freed = true;
    return this;
  }
}

package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.SVCDeregMr;
import io.splitkernel.ffi.rdma.Verbs;
import java.io.IOException;

/** ibv_dereg_mr. */
final class DeregisterCall extends SVCDeregMr {
  private final DisniMr region;
  private boolean freed;

  DeregisterCall(DisniMr region) {
    this.region = region;
  }

  @Override
  public SVCDeregMr execute() throws IOException {
    Results.open(isValid(), "memory region, or the call,");
    Results.done("ibv_dereg_mr", Verbs.deregMr(region.region()));
    region.close();
    return this;
  }

  @Override
  public boolean isValid() {
    return !freed && region.isOpen();
  }

  @Override
  public SVCDeregMr free() {
    freed = true;
    return this;
  }
}

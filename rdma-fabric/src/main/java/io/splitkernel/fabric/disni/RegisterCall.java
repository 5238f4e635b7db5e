package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.SVCRegMr;
import io.splitkernel.ffi.rdma.Verbs;
import java.io.IOException;
import java.nio.ByteBuffer;

/** ibv_reg_mr. Each execution registers anew. */
final class RegisterCall extends SVCRegMr {
  private final DisniPd pd;
  private final long address;
  private final int lengthBytes;
  private final int access;
  private final ByteBuffer buffer;
  private IbvMr region;
  private boolean freed;

  RegisterCall(DisniPd pd, long address, int lengthBytes, int access, ByteBuffer buffer) {
    this.pd = pd;
    this.address = address;
    this.lengthBytes = lengthBytes;
    this.access = access;
    this.buffer = buffer;
  }

  @Override
  public SVCRegMr execute() throws IOException {
    Results.open(isValid(), "call, or its protection domain,");
    long mr = Verbs.regMr(pd.address(), address, lengthBytes, address, access);
    region =
        new DisniMr(
            pd,
            Results.object("ibv_reg_mr of " + lengthBytes + " bytes", mr),
            address,
            lengthBytes,
            access,
            buffer);
    return this;
  }

  @Override
  public IbvMr getMr() {
    return region;
  }

  @Override
  public boolean isValid() {
    return !freed && pd.isOpen();
  }

  @Override
  public SVCRegMr free() {
    freed = true;
    return this;
  }
}

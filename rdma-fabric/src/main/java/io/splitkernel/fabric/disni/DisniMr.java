package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvMr;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;

/** A struct ibv_mr; keeps the buffer alive that it is of. */
final class DisniMr extends IbvMr {
  private final long region;
  private Object buffer;

  DisniMr(DisniPd pd, long region, long address, int lengthBytes, int access, Object buffer)
      throws IOException {
    super(
        pd.getContext(),
        address,
        lengthBytes,
        access,
        RawMemory.getInt(region + Results.at("ibv_mr.lkey")),
        RawMemory.getInt(region + Results.at("ibv_mr.rkey")),
        RawMemory.getInt(region + Results.at("ibv_mr.handle")));
    this.region = region;
    this.buffer = buffer;
  }

  static DisniMr of(IbvMr mr) {
    return (DisniMr) mr;
  }

  long region() {
    return region;
  }

  @Override
  public void close() {
    super.close();
    buffer = null;
  }

  /** The buffer, or null. */
  Object buffer() {
    return buffer;
  }
}

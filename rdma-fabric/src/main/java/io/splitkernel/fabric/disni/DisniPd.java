package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvPd;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;

/** A struct ibv_pd. */
final class DisniPd extends IbvPd {
  private final long address;

  DisniPd(DisniContext context, long address) throws IOException {
    super(context);
    this.address = address;
    handle = RawMemory.getInt(address + Results.at("ibv_pd.handle"));
  }

  static DisniPd of(IbvPd pd) throws IOException {
    Results.open(pd.isOpen(), "protection domain");
    return (DisniPd) pd;
  }

  long address() {
    return address;
  }
}

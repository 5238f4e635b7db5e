package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvContext;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.VerbsQueues;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** An open device, one object for each; the connection manager's, never closed. */
final class DisniContext extends IbvContext {
  private static final Map<Long, DisniContext> ALL = new HashMap<>();

  private final long address;
  private final VerbsQueues queues;

  private DisniContext(long address) throws IOException {
    super(
        RawMemory.getInt(address + Results.at("ibv_context.cmd_fd")),
        RawMemory.getInt(address + Results.at("ibv_context.num_comp_vectors")));
    this.address = address;
    queues = new VerbsQueues(address);
  }

  /** The object of a struct ibv_context. */
  static DisniContext of(long address) throws IOException {
    synchronized (ALL) {
      DisniContext context = ALL.get(address);
      if (context == null) {
        context = new DisniContext(address);
        ALL.put(address, context);
      }
      return context;
    }
  }

  static DisniContext of(IbvContext context) throws IOException {
    if (!(context instanceof DisniContext ours)) {
      throw new IOException("the address must be resolved or bound first: there is no device");
    }
    Results.open(context.isOpen(), "context");
    return ours;
  }

  long address() {
    return address;
  }

  VerbsQueues queues() {
    return queues;
  }
}

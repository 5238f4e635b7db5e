package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvCompChannel;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.Verbs;
import io.splitkernel.ffi.rdma.VerbsQueues;
import java.io.IOException;

/**
 * A struct ibv_comp_channel. DiSNI destroys it before its completion queue, which verbs refuses: it
 * goes with the last of its queues. Any thread; one waits at a time.
 */
final class DisniCompChannel extends IbvCompChannel {
  private static final long FOREVER_NS = 3_600_000_000_000L;

  private final long address;
  private final NativeBlock places = new NativeBlock(16);
  private int queues;

  DisniCompChannel(DisniContext context, long address) throws IOException {
    super(RawMemory.getInt(address + Results.at("ibv_comp_channel.fd")), context);
    this.address = address;
    FileDescriptor.setNonBlocking(getFd());
  }

  static DisniCompChannel of(IbvCompChannel channel) throws IOException {
    Results.open(channel.isOpen(), "completion channel");
    return (DisniCompChannel) channel;
  }

  long address() {
    return address;
  }

  /** A completion queue uses it. */
  synchronized void use() {
    queues++;
  }

  /** A completion queue is gone. */
  synchronized void release() throws IOException {
    queues--;
    destroyIfUnused();
  }

  /** No program uses it any more. */
  synchronized void destroy() throws IOException {
    close();
    destroyIfUnused();
  }

  private void destroyIfUnused() throws IOException {
    if (queues == 0 && !isOpen()) {
      Results.done("ibv_destroy_comp_channel", Verbs.destroyCompChannel(address));
    }
  }

  /** Takes an event; false when none came in time. A negative time is forever. */
  boolean take(int timeoutMs) {
    while (VerbsQueues.getCqEvent(address, places.address(), places.address() + 8) != 0) {
      int ready =
          FileDescriptor.awaitReadable(
              getFd(), timeoutMs < 0 ? FOREVER_NS : timeoutMs * 1_000_000L);
      if (ready <= 0 && timeoutMs >= 0) {
        return false;
      }
    }
    return true;
  }
}

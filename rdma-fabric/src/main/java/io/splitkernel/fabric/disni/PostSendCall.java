package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.SVCPostSend;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;
import java.util.List;

/**
 * ibv_post_send of a chain that is written once and posted with every execution, in one call.
 * Execution is data path and allocates nothing. One thread.
 */
final class PostSendCall extends SVCPostSend {
  private final DisniQueuePair queuePair;
  private final List<IbvSendWR> given;
  private final List<IbvSendWR> bad;
  private final NativeBlock memory;
  private final NativeBlock badPlace = new NativeBlock(8);
  private final SendRequest[] requests;
  private boolean freed;

  PostSendCall(DisniQueuePair queuePair, List<IbvSendWR> given, List<IbvSendWR> bad)
      throws IOException {
    if (given.isEmpty()) {
      throw new IOException("postSend: no requests");
    }
    this.queuePair = queuePair;
    this.given = List.copyOf(given);
    this.bad = bad;
    int elements = 0;
    for (IbvSendWR each : given) {
      elements += ScatterList.count(each.getSg_list(), each.getNum_sge());
    }
    memory =
        new NativeBlock(
            (long) given.size() * SendRequest.BYTES + (long) elements * ScatterList.BYTES);
    requests = new SendRequest[given.size()];
    long list = memory.address() + (long) given.size() * SendRequest.BYTES;
    for (int i = 0; i < requests.length; i++) {
      long at = memory.address() + (long) i * SendRequest.BYTES;
      long next = i + 1 < requests.length ? at + SendRequest.BYTES : 0;
      requests[i] = new SendRequest(memory, at, list, next, given.get(i));
      list += (long) requests[i].getNum_sge() * ScatterList.BYTES;
    }
  }

  @Override
  public SVCPostSend execute() throws IOException {
    Results.open(isValid(), "queue pair, or the call,");
    int result =
        queuePair
            .device()
            .queues()
            .postSend(queuePair.address(), memory.address(), badPlace.address());
    if (result != 0) {
      long first = (RawMemory.getLong(badPlace.address()) - memory.address()) / SendRequest.BYTES;
      if (bad != null) {
        bad.addAll(given.subList((int) first, given.size()));
      }
      throw Results.failure("ibv_post_send of request " + first, result);
    }
    return this;
  }

  @Override
  public SendWRMod getWrMod(int index) throws IOException {
    if (index < 0 || index >= requests.length) {
      throw new IOException("there are " + requests.length + " requests, no " + index);
    }
    return requests[index];
  }

  @Override
  public boolean isValid() {
    return !freed && queuePair.isOpen();
  }

  @Override
  public SVCPostSend free() {
    freed = true;
    return this;
  }
}

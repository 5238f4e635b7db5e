package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.SVCPostRecv;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;
import java.util.List;

/**
 * ibv_post_recv of a chain that is written once and posted with every execution, in one call.
 * Execution is data path and allocates nothing. One thread.
 */
final class PostReceiveCall extends SVCPostRecv {
  private static final int BYTES = Results.at("sizeof(ibv_recv_wr)");
  private static final int WR_ID = Results.at("ibv_recv_wr.wr_id");
  private static final int NEXT = Results.at("ibv_recv_wr.next");
  private static final int SG_LIST = Results.at("ibv_recv_wr.sg_list");
  private static final int NUM_SGE = Results.at("ibv_recv_wr.num_sge");

  private final DisniQueuePair queuePair;
  private final List<IbvRecvWR> given;
  private final List<IbvRecvWR> bad;
  private final NativeBlock memory;
  private final NativeBlock badPlace = new NativeBlock(8);
  private boolean freed;

  PostReceiveCall(DisniQueuePair queuePair, List<IbvRecvWR> given, List<IbvRecvWR> bad)
      throws IOException {
    if (given.isEmpty()) {
      throw new IOException("postRecv: no requests");
    }
    this.queuePair = queuePair;
    this.given = List.copyOf(given);
    this.bad = bad;
    int elements = 0;
    for (IbvRecvWR each : given) {
      elements += ScatterList.count(each.getSg_list(), each.getNum_sge());
    }
    memory = new NativeBlock((long) given.size() * BYTES + (long) elements * ScatterList.BYTES);
    write();
  }

  private void write() {
    long list = memory.address() + (long) given.size() * BYTES;
    for (int i = 0; i < given.size(); i++) {
      IbvRecvWR each = given.get(i);
      long at = memory.address() + (long) i * BYTES;
      int count = ScatterList.count(each.getSg_list(), each.getNum_sge());
      ScatterList.write(list, each.getSg_list(), count);
      RawMemory.putLong(at + WR_ID, each.getWr_id());
      RawMemory.putLong(at + NEXT, i + 1 < given.size() ? at + BYTES : 0);
      RawMemory.putLong(at + SG_LIST, list);
      RawMemory.putInt(at + NUM_SGE, count);
      list += (long) count * ScatterList.BYTES;
    }
  }

  @Override
  public SVCPostRecv execute() throws IOException {
    Results.open(isValid(), "queue pair, or the call,");
    int result =
        queuePair
            .device()
            .queues()
            .postReceive(queuePair.address(), memory.address(), badPlace.address());
    if (result != 0) {
      long first = (RawMemory.getLong(badPlace.address()) - memory.address()) / BYTES;
      if (bad != null) {
        bad.addAll(given.subList((int) first, given.size()));
      }
      throw Results.failure("ibv_post_recv of request " + first, result);
    }
    return this;
  }

  @Override
  public RecvWRMod getWrMod(int index) throws IOException {
    if (index < 0 || index >= given.size()) {
      throw new IOException("there are " + given.size() + " requests, no " + index);
    }
    long at = memory.address() + (long) index * BYTES;
    return () -> RawMemory.getLong(at + WR_ID);
  }

  @Override
  public boolean isValid() {
    return !freed && queuePair.isOpen();
  }

  @Override
  public SVCPostRecv free() {
    freed = true;
    return this;
  }
}

package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.Opcode;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.VerbsLayout;
import io.splitkernel.ffi.rdma.VerbsQueues;

/**
 * Posts receives on a queue pair, from native memory of its own: sends are posted by another thread
 * meanwhile. Slots are counted here, since a device may round a queue up. One thread; data path,
 * allocates nothing.
 */
final class ReceiveSide implements AutoCloseable {
  /** In tokens, above the sequence number, to tell receives from sends. */
  private static final long RECEIVE = Long.MIN_VALUE;

  private static final int WR_ID = VerbsLayout.of("ibv_recv_wr.wr_id");
  private static final int SG_LIST = VerbsLayout.of("ibv_recv_wr.sg_list");
  private static final int NUM_SGE = VerbsLayout.of("ibv_recv_wr.num_sge");
  private static final int SGE_ADDRESS = VerbsLayout.of("ibv_sge.addr");
  private static final int SGE_LENGTH = VerbsLayout.of("ibv_sge.length");
  private static final int SGE_LKEY = VerbsLayout.of("ibv_sge.lkey");
  private static final int REQUEST_BYTES = VerbsLayout.of("sizeof(ibv_recv_wr)");
  private static final int SGE_BYTES = VerbsLayout.of("sizeof(ibv_sge)");
  private static final int BYTES = REQUEST_BYTES + SGE_BYTES + Long.BYTES;

  private final VerbsConnection connection;
  private final long qp;
  private final VerbsQueues queues;
  private final PostedRing posted;
  private final PostGate gate = new PostGate();
  private final long request = RawMemory.map(BYTES);
  private final long element = request + REQUEST_BYTES;
  private final long bad = element + SGE_BYTES;

  ReceiveSide(VerbsConnection connection, long qp, VerbsQueues queues, int depth) {
    this.connection = connection;
    this.qp = qp;
    this.queues = queues;
    this.posted = new PostedRing(depth);
    RawMemory.putLong(request + SG_LIST, element);
  }

  PostGate gate() {
    return gate;
  }

  /** {@link Connection#postReceive}. */
  int post(long wrId, int lkey, long address, int lengthBytes) {
    if (lengthBytes < 0) {
      return Connection.INVALID;
    }
    gate.enter();
    try {
      return connection.isClosed() ? Connection.CLOSED : postOpen(wrId, lkey, address, lengthBytes);
    } finally {
      gate.leave();
    }
  }

  private int postOpen(long wrId, int lkey, long address, int lengthBytes) {
    if (posted.room() == 0) {
      return Connection.QUEUE_FULL;
    }
    long sequence = posted.next();
    posted.note(sequence, wrId, Opcode.RECEIVE, lengthBytes);
    RawMemory.putLong(request + WR_ID, sequence | RECEIVE);
    RawMemory.putInt(request + NUM_SGE, lengthBytes == 0 ? 0 : 1);
    RawMemory.putLong(element + SGE_ADDRESS, address);
    RawMemory.putInt(element + SGE_LENGTH, lengthBytes);
    RawMemory.putInt(element + SGE_LKEY, lkey);
    posted.advance(1);
    int result = queues.postReceive(qp, request, bad);
    if (result != 0) {
      posted.retreat(1);
      return result == Errno.ENOMEM ? Connection.QUEUE_FULL : Connection.INVALID;
    }
    return Connection.POSTED;
  }

  /** Polling thread: the user's token of one that has completed. */
  long complete(long token) {
    return posted.complete(token & ~RECEIVE);
  }

  boolean isEmpty() {
    return posted.isEmpty();
  }

  /** Nobody posts any more. */
  @Override
  public void close() {
    RawMemory.unmap(request, BYTES);
  }
}

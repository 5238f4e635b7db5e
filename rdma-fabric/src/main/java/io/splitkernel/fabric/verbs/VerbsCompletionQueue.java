package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Opcode;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.Verbs;
import io.splitkernel.ffi.rdma.VerbsLayout;
import io.splitkernel.ffi.rdma.VerbsQueues;

/**
 * An ibv_cq with a completion channel. What was polled while arming is kept and handed out by the
 * next poll. One thread polls; data path.
 */
final class VerbsCompletionQueue implements CompletionQueue {
  private static final int ENTRIES = 32;
  private static final int WC_BYTES = VerbsLayout.of("sizeof(ibv_wc)");
  private static final int WR_ID = VerbsLayout.of("ibv_wc.wr_id");
  private static final int STATUS = VerbsLayout.of("ibv_wc.status");
  private static final int OPCODE = VerbsLayout.of("ibv_wc.opcode");
  private static final int BYTE_LEN = VerbsLayout.of("ibv_wc.byte_len");
  private static final int IMM_DATA = VerbsLayout.of("ibv_wc.imm_data");
  private static final int QP_NUM = VerbsLayout.of("ibv_wc.qp_num");
  private static final int PLACES_BYTES = 16;

  private final VerbsFabric fabric;
  private final VerbsQueues queues;
  private final long channel;
  private final long cq;
  private final int descriptor;
  private final long entries = RawMemory.map((long) ENTRIES * WC_BYTES);
  private final long places = RawMemory.map(PLACES_BYTES);
  private final QueuePairTable connections = new QueuePairTable();
  private int kept;
  private int keptAt;
  private boolean closed;

  VerbsCompletionQueue(VerbsFabric fabric, long channel, long cq) {
    this.fabric = fabric;
    this.queues = fabric.queues();
    this.channel = channel;
    this.cq = cq;
    this.descriptor = RawMemory.getInt(channel + VerbsLayout.of("ibv_comp_channel.fd"));
    FileDescriptor.setNonBlocking(descriptor);
  }

  long cq() {
    return cq;
  }

  QueuePairTable connections() {
    return connections;
  }

  @Override
  public int poll(CompletionBatch batch) {
    batch.clear();
    while (kept > 0 || fetch()) {
      boolean all = kept < ENTRIES; // then there were no more, and looking again would cost a call
      while (kept > 0) {
        if (batch.isFull()) {
          return batch.count();
        }
        take(batch, entries + (long) keptAt * WC_BYTES);
        keptAt++;
        kept--;
      }
      if (all) {
        break;
      }
    }
    return batch.count();
  }

  /** Fills the kept entries; false when there are none. */
  private boolean fetch() {
    int count = queues.poll(cq, ENTRIES, entries);
    if (count <= 0) {
      return false;
    }
    kept = count;
    keptAt = 0;
    return true;
  }

  private void take(CompletionBatch batch, long entry) {
    VerbsConnection connection = connections.get(RawMemory.getInt(entry + QP_NUM));
    if (connection == null) {
      return; // its connection and whoever could want it are gone
    }
    long token = RawMemory.getLong(entry + WR_ID);
    CompletionStatus status = CompletionStatus.SUCCESS;
    int code = RawMemory.getInt(entry + STATUS);
    if (code != 0) {
      status = connection.onFailure(WireNames.status(code), token < 0);
    }
    if (token < 0) {
      takeReceive(batch, entry, connection, status);
    } else {
      int operation = connection.operationOf(token);
      int length = connection.lengthOf(token);
      batch.add(connection.complete(token), status, operation, length, 0, connection.number());
    }
    connection.reapIfDone();
  }

  private static void takeReceive(
      CompletionBatch batch, long entry, VerbsConnection connection, CompletionStatus status) {
    Opcode opcode = WireNames.received(RawMemory.getInt(entry + OPCODE));
    int length = RawMemory.getInt(entry + BYTE_LEN);
    int immediate = Integer.reverseBytes(RawMemory.getInt(entry + IMM_DATA));
    long wrId = connection.complete(RawMemory.getLong(entry + WR_ID));
    batch.add(wrId, status, opcode, length, immediate, connection.number());
  }

  @Override
  public boolean await(long timeoutNs) {
    long deadline = System.nanoTime() + timeoutNs;
    long left = timeoutNs;
    while (arm()) {
      FileDescriptor.awaitReadable(descriptor, Math.max(0, left));
      acknowledge();
      left = deadline - System.nanoTime();
      if (left <= 0 && isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private boolean isEmpty() {
    return kept == 0 && !fetch();
  }

  @Override
  public int eventDescriptor() {
    return descriptor;
  }

  @Override
  public boolean arm() {
    if (!isEmpty()) {
      return false;
    }
    acknowledge();
    queues.requestNotify(cq);
    return isEmpty();
  }

  @Override
  public void acknowledge() {
    int events = 0;
    while (VerbsQueues.getCqEvent(channel, places, places + 8) == 0) {
      events++;
    }
    if (events > 0) {
      VerbsQueues.ackCqEvents(cq, events);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (connections.isInUse()) {
      throw new IllegalStateException("a connection still feeds the completion queue");
    }
    closed = true;
    connections.destroyAll();
    fabric.events().settle();
    acknowledge();
    Verbs.destroyCq(cq);
    Verbs.destroyCompChannel(channel);
    RawMemory.unmap(entries, (long) ENTRIES * WC_BYTES);
    RawMemory.unmap(places, PLACES_BYTES);
    fabric.forget(this);
  }
}

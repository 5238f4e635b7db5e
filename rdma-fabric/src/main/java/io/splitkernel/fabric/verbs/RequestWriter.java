package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.Opcode;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.VerbsLayout;

/**
 * Native work requests of sends, written over and over: a chain of up to {@link #CHAIN_MAX}, each
 * with its scatter list. One thread; data path, allocates nothing.
 */
final class RequestWriter implements AutoCloseable {
  static final int CHAIN_MAX = 16;

  private static final int SEND_BYTES = VerbsLayout.of("sizeof(ibv_send_wr)");
  private static final int SGE_BYTES = VerbsLayout.of("sizeof(ibv_sge)");
  private static final int WR_ID = VerbsLayout.of("ibv_send_wr.wr_id");
  private static final int NEXT = VerbsLayout.of("ibv_send_wr.next");
  private static final int SG_LIST = VerbsLayout.of("ibv_send_wr.sg_list");
  private static final int NUM_SGE = VerbsLayout.of("ibv_send_wr.num_sge");
  private static final int OPCODE = VerbsLayout.of("ibv_send_wr.opcode");
  private static final int FLAGS = VerbsLayout.of("ibv_send_wr.send_flags");
  private static final int IMM_DATA = VerbsLayout.of("ibv_send_wr.imm_data");
  private static final int RDMA_ADDRESS = VerbsLayout.of("ibv_send_wr.wr.rdma.remote_addr");
  private static final int RDMA_RKEY = VerbsLayout.of("ibv_send_wr.wr.rdma.rkey");
  private static final int ATOMIC_ADDRESS = VerbsLayout.of("ibv_send_wr.wr.atomic.remote_addr");
  private static final int ATOMIC_COMPARE = VerbsLayout.of("ibv_send_wr.wr.atomic.compare_add");
  private static final int ATOMIC_SWAP = VerbsLayout.of("ibv_send_wr.wr.atomic.swap");
  private static final int ATOMIC_RKEY = VerbsLayout.of("ibv_send_wr.wr.atomic.rkey");
  private static final int SGE_ADDRESS = VerbsLayout.of("ibv_sge.addr");
  private static final int SGE_LENGTH = VerbsLayout.of("ibv_sge.length");
  private static final int SGE_LKEY = VerbsLayout.of("ibv_sge.lkey");
  private static final int READ = WireNames.posted(Opcode.READ);
  private static final int WRITE = WireNames.posted(Opcode.WRITE);
  private static final int SIGNALED = VerbsLayout.of("IBV_SEND_SIGNALED");
  private static final int INLINE = VerbsLayout.of("IBV_SEND_INLINE");
  private static final int LIST_BYTES = WorkRequest.SCATTER_MAX * SGE_BYTES;
  private static final int BYTES = CHAIN_MAX * (SEND_BYTES + LIST_BYTES) + Long.BYTES;

  private final long memory = RawMemory.map(BYTES);
  private final long lists = memory + (long) CHAIN_MAX * SEND_BYTES;
  private final long bad = lists + (long) CHAIN_MAX * LIST_BYTES;
  private int last;

  /** What never changes is written here: where the lists are, and that each send has a next one. */
  RequestWriter() {
    for (int i = 0; i < CHAIN_MAX; i++) {
      long at = memory + (long) i * SEND_BYTES;
      RawMemory.putLong(at + SG_LIST, lists + (long) i * LIST_BYTES);
      RawMemory.putLong(at + NEXT, at + SEND_BYTES);
    }
    RawMemory.putLong(memory + NEXT, 0);
  }

  /** Address of the first send. */
  long chain() {
    return memory;
  }

  /** Where the library notes the send that it did not post. */
  long bad() {
    return bad;
  }

  /** Index of the send that was not posted. */
  int badIndex() {
    return (int) ((RawMemory.getLong(bad) - memory) / SEND_BYTES);
  }

  /** Writes send {@code i}; whether another one follows is said by {@link #end}. */
  void send(int i, WorkRequest request, long token) {
    long at = memory + (long) i * SEND_BYTES;
    long list = lists + (long) i * LIST_BYTES;
    RawMemory.putLong(at + WR_ID, token);
    if (!request.isPlainMove()) {
      unusual(at, list, request);
      return;
    }
    element(request, 0, list);
    RawMemory.putInt(at + NUM_SGE, 1);
    RawMemory.putInt(at + OPCODE, request.opcode() == Opcode.READ ? READ : WRITE);
    RawMemory.putInt(at + FLAGS, SIGNALED);
    RawMemory.putLong(at + RDMA_ADDRESS, request.remoteAddress());
    RawMemory.putInt(at + RDMA_RKEY, request.rkey());
  }

  private static void unusual(long at, long list, WorkRequest request) {
    Opcode opcode = request.opcode();
    RawMemory.putInt(at + NUM_SGE, elements(request, list));
    RawMemory.putInt(at + OPCODE, WireNames.posted(opcode));
    RawMemory.putInt(
        at + FLAGS, (request.isSignalled() ? SIGNALED : 0) | (request.isInline() ? INLINE : 0));
    if (opcode == Opcode.COMPARE_AND_SWAP || opcode == Opcode.FETCH_AND_ADD) {
      RawMemory.putLong(at + ATOMIC_ADDRESS, request.remoteAddress());
      RawMemory.putLong(at + ATOMIC_COMPARE, request.compareOrAdd());
      RawMemory.putLong(at + ATOMIC_SWAP, request.swap());
      RawMemory.putInt(at + ATOMIC_RKEY, request.rkey());
      return;
    }
    RawMemory.putLong(at + RDMA_ADDRESS, request.remoteAddress());
    RawMemory.putInt(at + RDMA_RKEY, request.rkey());
    if (opcode == Opcode.WRITE_WITH_IMMEDIATE) {
      RawMemory.putInt(at + IMM_DATA, Integer.reverseBytes(request.immediate()));
    }
  }

  /** Empty elements are left out: a length of 0 means 2 GiB to some devices. */
  private static int elements(WorkRequest request, long list) {
    int used = 0;
    for (int i = 0; i < request.scatterCount(); i++) {
      if (request.localLength(i) != 0) {
        element(request, i, list + (long) used * SGE_BYTES);
        used++;
      }
    }
    return used;
  }

  private static void element(WorkRequest request, int i, long at) {
    RawMemory.putLong(at + SGE_ADDRESS, request.localAddress(i));
    RawMemory.putInt(at + SGE_LENGTH, request.localLength(i));
    RawMemory.putInt(at + SGE_LKEY, request.localKey(i));
  }

  /** The chain ends with send {@code i}. */
  void end(int i) {
    if (i != last) {
      long was = memory + (long) last * SEND_BYTES;
      RawMemory.putLong(was + NEXT, was + SEND_BYTES);
      RawMemory.putLong(memory + (long) i * SEND_BYTES + NEXT, 0);
      last = i;
    }
  }

  @Override
  public void close() {
    RawMemory.unmap(memory, BYTES);
  }
}

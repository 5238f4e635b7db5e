package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.ProcessVm;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the kernel writes when a thread ends: the word of set_tid_address(2), and the locks of its
 * robust list (get_robust_list(2)). It does not wait for a page then, so those pages must not be
 * away: they are kept. Belongs to one thread.
 */
final class LastWords implements AutoCloseable {
  private static final long SYS_GET_ROBUST_LIST = 274;
  private static final int HEAD_BYTES = 24;
  private static final int NODES_MAX = 2048;
  private static final long PAGE = 4096;

  private final AddressSpaces spaces;
  private final ProcessVm memory = new ProcessVm(HEAD_BYTES);
  private final MemorySegment words;

  LastWords(AddressSpaces spaces, Arena arena) {
    this.spaces = spaces;
    this.words = arena.allocate(16, 8);
  }

  /** Whether a call is about that; it always proceeds. */
  static boolean concerns(SeenCalls call) {
    return switch (call) {
      case CLONE, EXIT, SET_TID_ADDRESS, SET_ROBUST_LIST -> true;
      default -> false;
    };
  }

  /** A thread of a space makes such a call. */
  void onCall(int space, Call call, SeenCalls seen) {
    long[] a = call.arguments();
    switch (seen) {
      case CLONE -> keep(space, a[3], Integer.BYTES);
      case SET_TID_ADDRESS -> keep(space, a[0], Integer.BYTES);
      case SET_ROBUST_LIST -> keep(space, a[0], HEAD_BYTES);
      default -> keepList(space, call.tid());
    }
  }

  private void keep(int space, long address, long bytes) {
    if (address > 0 && address + bytes > address) {
      spaces.keep(space, address & -PAGE, (address + bytes + PAGE - 1) & -PAGE);
    }
  }

  /** A thread that ends holds locks: the words of those. */
  private void keepList(int space, int tid) {
    if (Syscall.call(SYS_GET_ROBUST_LIST, tid, words.address(), words.address() + 8) < 0) {
      return;
    }
    long head = words.get(ValueLayout.JAVA_LONG, 0);
    if (head == 0 || memory.read(tid, head, HEAD_BYTES) != HEAD_BYTES) {
      return;
    }
    long node = RawMemory.getLong(memory.address());
    long offset = RawMemory.getLong(memory.address() + 8);
    long pending = RawMemory.getLong(memory.address() + 16) & -2L;
    keepNode(space, pending, offset);
    for (int i = 0; i < NODES_MAX && node != 0 && node != head; i++) {
      keepNode(space, node, offset);
      node = memory.read(tid, node, Long.BYTES) == Long.BYTES ? next() : 0;
    }
  }

  /** The next node; the lowest bit tells the kind of the lock. */
  private long next() {
    return RawMemory.getLong(memory.address()) & -2L;
  }

  private void keepNode(int space, long node, long offset) {
    if (node != 0) {
      keep(space, node, Long.BYTES);
      keep(space, node + offset, Integer.BYTES);
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}

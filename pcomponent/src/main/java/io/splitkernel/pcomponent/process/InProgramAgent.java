package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Futex;
import io.splitkernel.ffi.ProcessMemory;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.pcomponent.fault.AddressSpaceAgent;
import io.splitkernel.pcomponent.fault.EvictionBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The supervisor's end of the agent inside one address space. System calls go through one lane
 * (callers take turns), evictions through another (the evictor alone). When the space ends, {@link
 * #end} releases whoever waits.
 */
final class InProgramAgent implements AddressSpaceAgent {
  /** Result of a call to an address space that has ended. */
  static final long GONE = -Errno.ESRCH;

  private static final long WAIT_SLICE_NS = 50_000_000L;

  private final AgentWindow window;
  private final ProcessMemory memory;
  private final AgentPatience[] patience;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment slice;
  private volatile int tid;
  private volatile int process;
  private volatile boolean gone;
  private volatile Runnable onKilled = () -> {};

  InProgramAgent(AgentWindow window, ProcessMemory memory, long deadlineNs) {
    this.window = window;
    this.memory = memory;
    this.patience = new AgentPatience[] {patience(deadlineNs), patience(deadlineNs)};
    this.slice = arena.allocate(16, 8);
    slice.set(ValueLayout.JAVA_LONG, 8, WAIT_SLICE_NS);
  }

  private static AgentPatience patience(long deadlineNs) {
    return new AgentPatience(deadlineNs, WAIT_SLICE_NS);
  }

  /** The agent is a process of its own. */
  void isProcess(int pid) {
    process = pid;
    tid = pid;
  }

  /** The agent is a thread of a process, and ends with it. */
  void isThreadOf(int pid) {
    tid = pid;
  }

  /** What to run when it is found to have ended by itself; must not block. */
  void onKilled(Runnable action) {
    onKilled = action;
  }

  /** The agent's task, or the process that it is a thread of. */
  int tid() {
    return tid;
  }

  /** Whether it is one of the threads of a process of the program. */
  boolean isThread() {
    return process == 0;
  }

  AgentWindow window() {
    return window;
  }

  /** Whether a call need not wait for the agent to come up; true for a space that has ended. */
  synchronized boolean isReady() {
    return gone || window.isReady();
  }

  /** Whether the agent was found to have ended by itself: somebody has killed it. */
  boolean isGone() {
    return gone;
  }

  /** Runs one system call inside the address space; its result, or {@link #GONE}. */
  synchronized long call(long number, long a, long b, long c, long d, long e, long f) {
    if (gone || !awaitReady()) {
      return GONE;
    }
    window.call(AgentWindow.LANE_CALLS, 0, number, a, b, c, d, e, f);
    return carryOut(AgentWindow.LANE_CALLS, AgentWindow.OP_SYSCALLS, 1)
        ? window.callResult(AgentWindow.LANE_CALLS, 0)
        : GONE;
  }

  @Override
  public boolean moveOut(EvictionBatch batch) {
    Outcome outcome = orderPages(batch, AgentWindow.OP_MOVE_OUT);
    if (outcome != Outcome.DONE) {
      return mayGoOn(batch, outcome);
    }
    long to = batch.contents().address();
    for (int i = 0; i < batch.count(); i++) {
      int result = window.pageResult(i);
      batch.result(i, result);
      if (result == 0) {
        RawMemory.copy(
            window.transferAddress(i),
            to + (long) i * EvictionBatch.PAGE_BYTES,
            EvictionBatch.PAGE_BYTES);
      }
    }
    return true;
  }

  @Override
  public boolean readInPlace(EvictionBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      long to = batch.contents().address() + (long) i * EvictionBatch.PAGE_BYTES;
      long read = memory.read(batch.address(i), to, EvictionBatch.PAGE_BYTES);
      batch.result(i, read == EvictionBatch.PAGE_BYTES ? 0 : -Errno.EIO);
    }
    return !gone;
  }

  @Override
  public boolean discard(EvictionBatch batch) {
    Outcome outcome = orderPages(batch, AgentWindow.OP_DISCARD);
    if (outcome != Outcome.DONE) {
      return mayGoOn(batch, outcome);
    }
    for (int i = 0; i < batch.count(); i++) {
      batch.result(i, window.pageResult(i));
    }
    return true;
  }

  private Outcome orderPages(EvictionBatch batch, int op) {
    // An agent that has ended gets a successor. The agent of a forked child may wait for the call
    // listener, which may wait for the evictor, which must therefore not wait here.
    if (gone || !window.isReady()) {
      return Outcome.NOT_BEGUN;
    }
    for (int i = 0; i < batch.count(); i++) {
      window.page(i, batch.address(i), batch.result(i));
    }
    return order(AgentWindow.LANE_PAGES, op, batch.count());
  }

  /**
   * After an order of which there are no results in the window: one that was not begun has left all
   * pages where they are.
   *
   * @return false when nobody knows where they are.
   */
  private static boolean mayGoOn(EvictionBatch batch, Outcome outcome) {
    for (int i = 0; i < batch.count(); i++) {
      batch.result(i, -Errno.EAGAIN);
    }
    return outcome == Outcome.NOT_BEGUN;
  }

  private boolean carryOut(int lane, int op, int count) {
    return order(lane, op, count) == Outcome.DONE;
  }

  /** What became of an order. */
  private enum Outcome {
    DONE,
    /** The agent has ended, or is stopped, and has not looked at it; it never will. */
    NOT_BEGUN,
    /** The agent has ended in the middle of it. */
    BROKEN_OFF
  }

  private Outcome order(int lane, int op, int count) {
    int request = window.order(lane, op, count);
    AgentPatience waiting = patience[lane];
    waiting.begin();
    while (true) {
      int done = window.done(lane);
      if (done == request) {
        return Outcome.DONE;
      }
      if (!gone && waiting.waitedNs() > WAIT_SLICE_NS && TaskState.hasEnded(tid)) {
        gone = true;
        onKilled.run();
      }
      // a call is waited for as long as the agent lives: both may be frozen, and nobody else waits
      boolean late = lane == AgentWindow.LANE_PAGES && waiting.isLate();
      if ((gone || late) && window.withdraw(lane, request)) {
        return Outcome.NOT_BEGUN;
      }
      if (gone) {
        return window.done(lane) == request ? Outcome.DONE : Outcome.BROKEN_OFF;
      }
      if (late) {
        waiting.check(tid); // it is in the middle of it
      }
      Futex.await(window.doneWord(lane), done, slice.address());
    }
  }

  private boolean awaitReady() {
    AgentPatience waiting = patience[AgentWindow.LANE_CALLS];
    waiting.begin();
    while (!window.isReady()) {
      if (gone) {
        return false;
      }
      if (waiting.isLate()) {
        waiting.check(tid);
      }
      Futex.await(window.readyWord(), 0, slice.address());
    }
    return true;
  }

  /** Releases every waiter; the address space has ended. Any thread. */
  void end() {
    gone = true;
    window.abandon();
    Futex.wake(window.doneWord(AgentWindow.LANE_CALLS));
    Futex.wake(window.doneWord(AgentWindow.LANE_PAGES));
    Futex.wake(window.readyWord());
  }

  /** Kills an agent that is a process of its own. */
  void kill() {
    if (process != 0) {
      ProcessKiller.kill(process);
    }
  }

  /** Frees the window; nobody may use the agent any more. */
  synchronized void free() {
    window.close();
    memory.close();
    arena.close();
  }
}

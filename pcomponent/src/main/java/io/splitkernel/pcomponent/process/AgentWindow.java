package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Futex;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.MemFd;
import io.splitkernel.ffi.MemoryMap;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.SharedWord;
import java.io.IOException;

/**
 * The shared page set through which the supervisor orders and the in-program agent answers; struct
 * lego_window seen from here. Each lane has one user at a time.
 */
final class AgentWindow implements AutoCloseable {
  static final int LANE_CALLS = 0;
  static final int LANE_PAGES = 1;
  static final int CALLS_MAX = (int) Layout.of("LEGO_CALLS_MAX");
  static final int OP_SYSCALLS = (int) Layout.of("LEGO_OP_SYSCALLS");
  static final int OP_MOVE_OUT = (int) Layout.of("LEGO_OP_MOVE_OUT");
  static final int OP_DISCARD = (int) Layout.of("LEGO_OP_DISCARD");

  private static final long BYTES = Layout.of("sizeof(lego_window)");
  private static final long DOORBELL = Layout.of("lego_window.doorbell");
  private static final long AGENT_TID = Layout.of("lego_window.agent_tid");
  private static final long ABANDONED = Layout.of("lego_window.abandoned");
  private static final long READY = Layout.of("lego_window.agent_ready");
  private static final long LANES = Layout.of("lego_window.lanes");
  private static final long TRANSFER = Layout.of("lego_window.transfer");
  private static final long LANE_BYTES = Layout.of("sizeof(lego_lane)");
  private static final long REQUEST = Layout.of("lego_lane.request");
  private static final long DONE = Layout.of("lego_lane.done");
  private static final long OP = Layout.of("lego_lane.op");
  private static final long OFFERED = Layout.of("lego_lane.offered");
  private static final long COUNT = Layout.of("lego_lane.count");
  private static final long CALLS = Layout.of("lego_lane.calls");
  private static final long CALL_BYTES = Layout.of("sizeof(lego_call)");
  private static final long CALL_ARGS = Layout.of("lego_call.args");
  private static final long CALL_RESULT = Layout.of("lego_call.result");
  private static final long ADDRESSES = Layout.of("lego_lane.pages.addresses");
  private static final long RESULTS = Layout.of("lego_lane.pages.results");

  private static final int TAKEN = -2;

  private final long base;
  private int descriptor;

  private AgentWindow(int descriptor, long base) {
    this.descriptor = descriptor;
    this.base = base;
  }

  /** Makes a window, which is mapped here only. */
  static AgentWindow create() throws IOException {
    int fd = MemFd.create("", BYTES);
    long base = fd < 0 ? fd : MemoryMap.shared(fd, BYTES);
    if (MemoryMap.isError(base)) {
      FileDescriptor.close(fd);
      throw new IOException("cannot make the command window of a program: " + Errno.text(base));
    }
    return new AgentWindow(fd, base);
  }

  /** The memory, to be mapped by the program. */
  int descriptor() {
    return descriptor;
  }

  /** Hands the window on to its user: {@link #close} of this object does nothing any more. */
  AgentWindow take() {
    FileDescriptor.close(descriptor);
    AgentWindow taken = new AgentWindow(-1, base);
    descriptor = TAKEN;
    return taken;
  }

  /** The agent's thread, as its own PID namespace numbers it; good once it is ready. */
  int agentTid() {
    return RawMemory.getInt(base + AGENT_TID);
  }

  /** Tells the agent to end, also one that is only about to begin. */
  void abandon() {
    SharedWord.putVolatile(base + ABANDONED, 1);
    SharedWord.getAndAdd(base + DOORBELL, 1);
    Futex.wake(base + DOORBELL);
  }

  boolean isReady() {
    return SharedWord.getAcquire(base + READY) != 0;
  }

  long readyWord() {
    return base + READY;
  }

  void call(int lane, int i, long number, long a, long b, long c, long d, long e, long f) {
    long at = lane(lane) + CALLS + i * CALL_BYTES;
    RawMemory.putLong(at, number);
    RawMemory.putLong(at + CALL_ARGS, a);
    RawMemory.putLong(at + CALL_ARGS + 8, b);
    RawMemory.putLong(at + CALL_ARGS + 16, c);
    RawMemory.putLong(at + CALL_ARGS + 24, d);
    RawMemory.putLong(at + CALL_ARGS + 32, e);
    RawMemory.putLong(at + CALL_ARGS + 40, f);
  }

  long callResult(int lane, int i) {
    return RawMemory.getLong(lane(lane) + CALLS + i * CALL_BYTES + CALL_RESULT);
  }

  void page(int i, long address, int result) {
    RawMemory.putLong(lane(LANE_PAGES) + ADDRESSES + 8L * i, address);
    RawMemory.putInt(lane(LANE_PAGES) + RESULTS + 4L * i, result);
  }

  int pageResult(int i) {
    return RawMemory.getInt(lane(LANE_PAGES) + RESULTS + 4L * i);
  }

  /** Address here of the bytes of page {@code i} of the last batch. */
  long transferAddress(int i) {
    return base + TRANSFER + 4096L * i;
  }

  /** Publishes an order and rings; returns its number. */
  int order(int lane, int op, int count) {
    long at = lane(lane);
    int request = RawMemory.getInt(at + REQUEST) + 1;
    RawMemory.putInt(at + OP, op);
    RawMemory.putInt(at + COUNT, count);
    SharedWord.putVolatile(at + OFFERED, request);
    SharedWord.putVolatile(at + REQUEST, request);
    SharedWord.getAndAdd(base + DOORBELL, 1);
    Futex.wake(base + DOORBELL);
    return request;
  }

  /** Takes an order back; false when the agent has begun to carry it out. */
  boolean withdraw(int lane, int request) {
    return SharedWord.compareAndSet(lane(lane) + OFFERED, request, 0);
  }

  int done(int lane) {
    return SharedWord.getAcquire(lane(lane) + DONE);
  }

  long doneWord(int lane) {
    return lane(lane) + DONE;
  }

  private long lane(int lane) {
    return base + LANES + lane * LANE_BYTES;
  }

  @Override
  public void close() {
    if (descriptor != TAKEN) {
      abandon();
      FileDescriptor.close(descriptor);
      MemoryMap.unmap(base, BYTES);
    }
  }
}

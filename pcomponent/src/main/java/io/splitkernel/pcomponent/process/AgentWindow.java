package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Futex;
import io.splitkernel.ffi.Layout;
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
  private static final long READY = Layout.of("lego_window.agent_ready");
  private static final long LANES = Layout.of("lego_window.lanes");
  private static final long TRANSFER = Layout.of("lego_window.transfer");
  private static final long LANE_BYTES = Layout.of("sizeof(lego_lane)");
  private static final long REQUEST = Layout.of("lego_lane.request");
  private static final long DONE = Layout.of("lego_lane.done");
  private static final long OP = Layout.of("lego_lane.op");
  private static final long COUNT = Layout.of("lego_lane.count");
  private static final long CALLS = Layout.of("lego_lane.calls");
  private static final long CALL_BYTES = Layout.of("sizeof(lego_call)");
  private static final long CALL_ARGS = Layout.of("lego_call.args");
  private static final long CALL_RESULT = Layout.of("lego_call.result");
  private static final long ADDRESSES = Layout.of("lego_lane.pages.addresses");
  private static final long RESULTS = Layout.of("lego_lane.pages.results");

  private final long programAddress;
  private final long base;

  private AgentWindow(long programAddress, long base) {
    this.programAddress = programAddress;
    this.base = base;
  }

  /**
   * Maps a window that the program has just made.
   *
   * @param fd its memfd, closed here in any case.
   * @param programAddress where it lies in the program.
   */
  static AgentWindow map(int fd, long programAddress) throws IOException {
    long base = MemoryMap.shared(fd, BYTES);
    FileDescriptor.close(fd);
    if (MemoryMap.isError(base)) {
      throw new IOException("cannot map the command window of a program");
    }
    return new AgentWindow(programAddress, base);
  }

  long programAddress() {
    return programAddress;
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
    SharedWord.putVolatile(at + REQUEST, request);
    SharedWord.getAndAdd(base + DOORBELL, 1);
    Futex.wake(base + DOORBELL);
    return request;
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
    MemoryMap.unmap(base, BYTES);
  }
}

package io.splitkernel.pcomponent.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Syscall;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;

/** A forked copy of this process that runs loads and stores on command, with an agent inside it. */
final class ForkedChild implements AddressSpaceAgent, AutoCloseable {
  private static final int LOAD = 1;
  private static final int STORE = 2;
  private static final int FILL = 3;
  private static final int CHECK = 4;
  private static final int MOVE_OUT = 5;
  private static final int FORK = 6;
  private static final int EXIT = 7;
  private static final int ADOPT = 8;
  private static final int LANE_BYTES = 48;
  private static final int PAGE = 4096;

  private final Pager pager;
  private final long shared;
  private final long pid;
  private final int space;
  private final boolean ours;
  private volatile boolean ready;
  private volatile boolean gone;
  private volatile CountDownLatch halfWay;
  private final CountDownLatch mayEnd = new CountDownLatch(1);

  private ForkedChild(Pager pager, long shared, long pid, boolean ours, boolean claimed) {
    this.pager = pager;
    this.shared = shared;
    this.pid = pid;
    this.ours = ours;
    assertTrue(pid > 0, "fork: " + pid);
    while (RawMemory.getInt(shared + 2L * LANE_BYTES) == 0) {
      Thread.onSpinWait();
    }
    space = spaceOf(pager, pid);
    if (claimed) {
      claim();
    }
  }

  /** Claims the space and gives it an agent. */
  void claim() {
    int claim = pager.claim(space, this, (int) pid);
    if (claim < 0) {
      Syscall.call(62, pid, 9, 0); // nobody serves its faults
      fail("claim of process " + pid + ": " + claim);
    }
    long mine = ProcessHandle.current().pid();
    assertEquals(0, Touch.ask(agentLane(), ADOPT, mine, pager.userfaultfd(space), 0, 0));
    ready = true;
  }

  /** Number of the space of a process, which its beacon tells. */
  static int spaceOf(Pager pager, long pid) {
    long memory = RawMemory.map(PAGE);
    RawMemory.putLong(memory + 64, memory);
    RawMemory.putLong(memory + 72, 16);
    RawMemory.putLong(memory + 80, AddressSpaces.BEACON_ADDRESS);
    RawMemory.putLong(memory + 88, 16);
    assertEquals(16, Syscall.call(310, pid, memory + 64, 1, memory + 80, 1, 0));
    assertEquals(pager.nonce(), RawMemory.getLong(memory), "nonce");
    long number = RawMemory.getLong(memory + 8);
    RawMemory.unmap(memory, PAGE);
    return (int) number;
  }

  private static long sharedMemory() {
    return Syscall.call(9, 0, Touch.sharedSize(), 3, 0x21, -1, 0);
  }

  /** Forks this process. */
  static ForkedChild of(PagerFixture fixture) {
    long shared = sharedMemory();
    return new ForkedChild(fixture.pager, shared, Touch.fork(shared), true, true);
  }

  /** Forks this process; nobody claims the child. */
  static ForkedChild unclaimed(PagerFixture fixture) {
    long shared = sharedMemory();
    return new ForkedChild(fixture.pager, shared, Touch.fork(shared), true, false);
  }

  /** Forks the child. */
  ForkedChild fork(long sharedForGrandchild) {
    long grandchild = Touch.ask(shared, FORK, sharedForGrandchild, 0, 0, 0);
    return new ForkedChild(pager, sharedForGrandchild, grandchild, false, true);
  }

  /** Shared memory for a grandchild: mapped before its parent is forked. */
  static long memoryForGrandchild() {
    return sharedMemory();
  }

  private long agentLane() {
    return shared + LANE_BYTES;
  }

  long load(long address) {
    return Touch.ask(shared, LOAD, address, 0, 0, 0);
  }

  void store(long address, long value) {
    Touch.ask(shared, STORE, address, value, 0, 0);
  }

  void fill(long address, long count, long stride, long seed) {
    Touch.ask(shared, FILL, address, count, stride, seed);
  }

  /** Page i of {@code count} must begin with {@code seed + i}. */
  void assertHolds(long address, long count, long seed) {
    long wrong = Touch.ask(shared, CHECK, address, count, PAGE, seed);
    if (wrong >= 0) {
      fail(
          "page %d of %d in space %d holds %d, not %d"
              .formatted(wrong, count, space, load(address + wrong * PAGE), seed + wrong));
    }
  }

  /** The next eviction stops after its first page, and the agent ends when it is told to. */
  CountDownLatch stopHalfWay() {
    CountDownLatch latch = new CountDownLatch(1);
    halfWay = latch;
    return latch;
  }

  /** Ends the agent in the middle of the eviction. */
  void endAgent() {
    mayEnd.countDown();
  }

  int space() {
    return space;
  }

  @Override
  public boolean moveOut(EvictionBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      if (!ready) {
        batch.result(i, -Errno.EAGAIN);
        continue;
      }
      if (gone) {
        return false;
      }
      long result = Touch.ask(agentLane(), MOVE_OUT, batch.address(i), i, 0, 0);
      batch.result(i, (int) result);
      if (result == 0) {
        RawMemory.copy(
            shared + Touch.contentsOffset() + (long) i * PAGE,
            batch.contents().address() + (long) i * PAGE,
            PAGE);
      }
      if (halfWay != null && result == 0) {
        halfWay.countDown();
        awaitEnd();
        return false;
      }
    }
    return true;
  }

  private void awaitEnd() {
    try {
      mayEnd.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean readInPlace(EvictionBatch batch) {
    return false;
  }

  @Override
  public boolean discard(EvictionBatch batch) {
    return false;
  }

  long pid() {
    return pid;
  }

  /** The child exits, with its agent, which is idle or half way. */
  void end() {
    gone = true;
    Touch.ask(agentLane(), EXIT, 0, 0, 0, 0);
    Touch.ask(shared, EXIT, 0, 0, 0, 0);
    if (ours) {
      Touch.reap(pid);
    }
  }

  /** The child exits and its space ends. */
  @Override
  public void close() {
    pager.unclaim(space); // first of all: the agent may be in the middle of an eviction
    end();
    Awaitility.await().until(() -> pager.userfaultfd(space) < 0); // it ends by itself
  }
}

package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Userfaultfd;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The evictor thread: carries one {@link EvictionTask} at a time out against the agent of its
 * space, finds the pages that are all zero, and copies the others into their frames. Allocates
 * nothing.
 */
final class Evictor implements Runnable, AutoCloseable {
  private static final int PAGE = EvictionBatch.PAGE_BYTES;

  /** Pages leave atomically: their protection does not matter. */
  private static final int MOVING = 0;

  /** Pages are protected, copied and freed: nobody may lift the protection. */
  private static final int COPYING = 1;

  /** The pager thread lifts a protection, and the evictor waits to copy. */
  private static final int LIFTING = 2;

  private final EvictionTask task = new EvictionTask();
  private final Userfaultfd uffd = new Userfaultfd();
  private final int[] busyIndices = new int[EvictionBatch.PAGES_MAX];
  private final int[] indices = new int[EvictionBatch.PAGES_MAX];
  private final EventFd done;
  private Thread thread;
  private final AtomicInteger phase = new AtomicInteger(MOVING);
  private volatile boolean submitted;
  private volatile boolean finished;
  private volatile boolean stopping;
  private volatile String death;

  /**
   * @param done signalled after every task.
   */
  Evictor(EventFd done) {
    this.done = done;
  }

  void start() {
    thread = Thread.ofPlatform().name("lego-evictor").daemon(true).start(this);
  }

  /** The task; the pager thread's while {@link #isIdle}. */
  EvictionTask task() {
    return task;
  }

  /** True when no task is out and none waits to be taken back. */
  boolean isIdle() {
    return !submitted && !finished;
  }

  /** Pager thread: hands the task over. */
  void submit() {
    submitted = true;
    LockSupport.unpark(thread);
  }

  /** Pager thread: a task is done and waits to be taken back. */
  boolean isFinished() {
    return finished;
  }

  /** Why the thread has died, or null. */
  String death() {
    return death;
  }

  /** Pager thread: true once after each task, when it is the pager's again. */
  boolean takeFinished() {
    if (!finished) {
      return false;
    }
    finished = false;
    return true;
  }

  /**
   * Pager thread: begins to lift the write-protection of a page that is out with the evictor, which
   * is harmless as long as pages are moved and forbidden while they are copied.
   *
   * @return whether it may; then {@link #endLifting} must follow at once.
   */
  boolean beginLifting() {
    return phase.compareAndSet(MOVING, LIFTING);
  }

  /** Pager thread: the protection is lifted. */
  void endLifting() {
    phase.set(MOVING);
  }

  @Override
  public void run() {
    while (!stopping) {
      if (!submitted) {
        LockSupport.parkNanos(this, 1_000_000_000L);
        continue;
      }
      try {
        carryOut();
      } catch (RuntimeException e) {
        // nobody knows where the pages are now
        task.failure = String.valueOf(e.getMessage());
        for (int i = 0; i < task.count; i++) {
          task.results[i] = -Errno.EIO;
        }
      } catch (Throwable e) {
        death = "lego-evictor has died: " + e;
        done.signal();
        return;
      }
      phase.set(MOVING);
      finished = true;
      submitted = false;
      done.signal();
    }
  }

  private void carryOut() {
    EvictionBatch batch = task.batch();
    batch.clear();
    for (int i = 0; i < task.count; i++) {
      batch.add(task.pages[i] << 12);
    }
    task.writeProtected = 0;
    task.failure = null;
    if (!task.agent.moveOut(batch)) {
      gone();
      return;
    }
    int refused = 0;
    int busy = 0;
    for (int i = 0; i < task.count; i++) {
      task.results[i] = batch.result(i);
      task.dirtied[i] = false;
      if (batch.result(i) == 0) {
        keep(i, i);
      } else if (batch.result(i) == -Errno.EBUSY) {
        busyIndices[busy++] = i;
      } else if (batch.result(i) == -Errno.EINVAL) {
        indices[refused++] = i;
      }
    }
    if (busy > 0 && !moveShared(batch, busy)) {
      return;
    }
    if (refused > 0) {
      while (!phase.compareAndSet(MOVING, COPYING)) {
        Thread.onSpinWait(); // for one ioctl of the pager thread at most
      }
      copyOut(batch, refused);
    }
  }

  /**
   * Pages that fork has left shared and that are write-protected as well: the agent cannot make
   * them exclusive while a write to them would fault, so the protection goes first, and with it the
   * knowledge that they are clean.
   */
  private boolean moveShared(EvictionBatch batch, int busy) {
    batch.clear();
    for (int i = 0; i < busy; i++) {
      int index = busyIndices[i];
      long address = task.pages[index] << 12;
      task.dirtied[index] = true;
      uffd.writeProtect(task.space.uffd, address, PAGE, false);
      batch.add(address);
    }
    if (!task.agent.moveOut(batch)) {
      gone();
      return false;
    }
    for (int i = 0; i < busy; i++) {
      int index = busyIndices[i];
      task.results[index] = batch.result(i);
      if (batch.result(i) == 0) {
        keep(i, index);
      }
    }
    return true;
  }

  /** The write-protect path, for areas that UFFDIO_MOVE refuses. */
  private void copyOut(EvictionBatch batch, int refused) {
    int fd = task.space.uffd;
    batch.clear();
    int taken = 0;
    for (int i = 0; i < refused; i++) {
      int index = indices[i];
      long address = task.pages[index] << 12;
      int result = uffd.writeProtect(fd, address, PAGE, true);
      if (result == 0) {
        batch.add(address);
        indices[taken++] = index;
      } else {
        task.results[index] = result;
      }
    }
    if (taken == 0) {
      return;
    }
    if (!task.agent.readInPlace(batch)) {
      gone();
      return;
    }
    for (int i = 0; i < taken; i++) {
      if (batch.result(i) == 0) {
        keep(i, indices[i]);
      }
    }
    if (!task.agent.discard(batch)) {
      gone();
      return;
    }
    for (int i = 0; i < taken; i++) {
      int result = batch.result(i);
      task.results[indices[i]] = result == -Errno.EIO ? -Errno.ENOENT : result;
    }
    task.writeProtected = taken;
  }

  private void keep(int from, int index) {
    boolean zero = task.batch().isZero(from);
    task.zero[index] = zero;
    if (!zero) {
      RawMemory.copy(task.content(from), task.frameAddresses[index], PAGE);
    }
  }

  private void gone() {
    task.failure = "the agent of process " + task.space.pid + " has ended";
    for (int i = 0; i < task.count; i++) {
      task.results[i] = -Errno.ESRCH;
    }
  }

  /** Ends the thread, after the task that it carries out. */
  void stop() {
    stopping = true;
    LockSupport.unpark(thread);
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    task.close();
    uffd.close();
  }
}

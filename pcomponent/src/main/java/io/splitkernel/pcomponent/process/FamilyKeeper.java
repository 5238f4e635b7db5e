package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.KeeperTasks;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.PidFd;
import io.splitkernel.ffi.Syscall;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Keeps a program's family from outliving this process. Two small tasks share its descriptors, so
 * that userfaultfds and the seccomp listener stay open when it is killed: the <em>keeper</em>,
 * parent of the program and of its orphans, and above it the <em>guard</em>. The whole family is
 * killed as soon as one of the three is gone. {@code lego_keeper.c} says how.
 *
 * <p>Started early, before there is much memory to copy. {@link #nextEvent} is for one thread; the
 * rest is thread-safe. Control path.
 */
final class FamilyKeeper implements AutoCloseable {
  private static final long SYS_WAIT4 = 61;
  private static final long SYS_GETPID = 39;
  private static final long WAIT_ALL = 0x40000000L;
  private static final long ANSWER_NS = 10_000_000_000L;
  private static final int ORDER_SPAWN = (int) Layout.of("LEGO_KEEPER_SPAWN");
  private static final int ORDER_END = (int) Layout.of("LEGO_KEEPER_END");

  /** Descriptors that the tasks leave in the common table. */
  private static final String[] MADE = {
    "signals", "guard_pidfd", "keeper_pidfd", "guard_children", "keeper_children"
  };

  private final KeeperPage page = new KeeperPage();
  private final int jvm = PidFd.open((int) Syscall.call(SYS_GETPID, 0, 0, 0));
  private final EventFd orders = new EventFd();
  private final EventFd events = new EventFd();
  private final EventFd answers = new EventFd();
  private int guardPid;
  private int guard = -1;
  private int keeper = -1;
  private int stopsSeen;
  private boolean endTold;
  private boolean familyEndTold;
  private boolean closed;

  private FamilyKeeper() throws IOException {}

  /**
   * Starts the two tasks.
   *
   * @return the keeper, ready for {@link #spawn}.
   * @throws IOException when the kernel refuses; nothing is left then.
   */
  static FamilyKeeper start() throws IOException {
    FamilyKeeper started = new FamilyKeeper();
    try {
      started.launch();
      return started;
    } catch (IOException e) {
      started.close();
      throw e;
    }
  }

  private void launch() throws IOException {
    check(jvm, "pidfd_open");
    page.putRelease("jvm", (int) Syscall.call(SYS_GETPID, 0, 0, 0));
    page.putRelease("jvm_pidfd", jvm);
    page.putRelease("orders", orders.descriptor());
    page.putRelease("events", events.descriptor());
    page.putRelease("answers", answers.descriptor());
    guardPid = check(KeeperTasks.start(page.address()), "clone");
    guard = check(PidFd.open(guardPid), "pidfd_open");
    while (page.getAcquire("keeper") == 0) {
      FileDescriptor.awaitAny(ANSWER_NS, answers.descriptor(), guard);
      answers.drain();
      if (page.getAcquire("keeper") == 0 && FileDescriptor.awaitReadable(guard, 0) > 0) {
        throw new IOException("the keeper: " + Errno.text(page.getAcquire("failure")));
      }
    }
    keeper = check(PidFd.open(pid()), "pidfd_open");
  }

  private static int check(int result, String call) throws IOException {
    if (result < 0) {
      throw new IOException("the keeper: " + call + ": " + Errno.text(result));
    }
    return result;
  }

  /** Its pid: the parent of the program. */
  int pid() {
    return page.getAcquire("keeper");
  }

  /** The pid of the guard. */
  int guardPid() {
    return guardPid;
  }

  /**
   * Starts a program, as the keeper's child, in this process's group.
   *
   * @param path of the executable.
   * @param argv arguments.
   * @param environment entries.
   * @param inherited what it has that this process may have changed.
   * @return its pid.
   * @throws IOException when it cannot be executed, or the keeper is gone.
   */
  synchronized int spawn(
      String path, List<byte[]> argv, List<byte[]> environment, Inherited inherited)
      throws IOException {
    try (ProgramFile file =
        ProgramFile.of(path.getBytes(StandardCharsets.UTF_8), argv, environment, inherited)) {
      page.putRelease("order_file", file.fd());
      page.putLong("order_bytes", file.lengthBytes());
      int ordered = order(ORDER_SPAWN);
      long deadlineNs = System.nanoTime() + ANSWER_NS;
      while (page.getAcquire("answered") != ordered) {
        long leftNs = deadlineNs - System.nanoTime();
        if (leftNs <= 0 || FileDescriptor.awaitReadable(keeper, 0) > 0) {
          throw new IOException("the keeper of the program's processes gives no answer");
        }
        FileDescriptor.awaitAny(leftNs, answers.descriptor(), keeper);
        answers.drain();
      }
      return check(page.getAcquire("answer"), "execve");
    }
  }

  private int order(int order) {
    int ordered = page.getAcquire("ordered") + 1;
    page.putRelease("order", order);
    page.putRelease("ordered", ordered);
    orders.signal();
    return ordered;
  }

  /**
   * Waits for something to happen to the program.
   *
   * @param timeoutNs longest wait.
   * @return what, or null after the time; {@link FamilyEvent.KeeperDied} again and again.
   */
  FamilyEvent nextEvent(long timeoutNs) {
    long startNs = System.nanoTime();
    while (true) {
      events.drain();
      FamilyEvent known = known();
      if (known != null) {
        return known;
      }
      if (isDead()) {
        return new FamilyEvent.KeeperDied();
      }
      long leftNs = timeoutNs - (System.nanoTime() - startNs);
      if (leftNs <= 0) {
        return null;
      }
      FileDescriptor.awaitAny(leftNs, events.descriptor(), guard, keeper);
    }
  }

  private FamilyEvent known() {
    int stops = page.getAcquire("stops");
    boolean ended = page.getAcquire("program_ended") != 0;
    if (stops != stopsSeen && !ended) {
      stopsSeen = stops;
      int signal = page.getAcquire("stopped_by");
      return signal == 0 ? new FamilyEvent.Continued() : new FamilyEvent.Stopped(signal);
    }
    if (ended && !endTold) {
      endTold = true;
      return new FamilyEvent.Exited(page.getAcquire("program_status"));
    }
    if (page.getAcquire("family_ended") != 0 && !familyEndTold) {
      familyEndTold = true;
      return new FamilyEvent.FamilyEnded();
    }
    return null;
  }

  private boolean isDead() {
    return FileDescriptor.awaitAny(0, guard, keeper) > 0;
  }

  /** Kills what is left of the family and waits until that is gone. Idempotent. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (guardPid > 0) {
      order(ORDER_END);
      FileDescriptor.awaitReadable(guard, ANSWER_NS);
      if (keeper >= 0) {
        FileDescriptor.awaitReadable(keeper, ANSWER_NS);
      }
      if (Syscall.call(SYS_WAIT4, guardPid, 0, 1 | WAIT_ALL) != guardPid) {
        return; // a process that cannot die holds it: it needs what is below
      }
    }
    for (String member : MADE) {
      int made = page.getAcquire(member);
      FileDescriptor.close(made == 0 ? -1 : made);
    }
    FileDescriptor.close(jvm);
    FileDescriptor.close(guard);
    FileDescriptor.close(keeper);
    orders.close();
    events.close();
    answers.close();
    page.close();
  }
}

package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Ptrace;
import io.splitkernel.ffi.ThreadWake;
import java.io.File;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Keeps EINTR from calls that are reported ({@link CallRewind}) in processes that have handlers
 * without SA_RESTART: it traces all their threads, which stop for signals only. An exec resets
 * handlers and ends that. One thread, {@code lego-guard-signals}, is the tracer; it starts with the
 * first such process. The methods may be called from any other thread.
 */
final class SignalGuard implements AutoCloseable {
  private static final long OPTIONS = Ptrace.OPTION_CLONE | Ptrace.OPTION_EXEC;
  private static final int SIGTRAP = 5;
  private static final long AGAIN_MS = 1;
  private static final long LOOK_MS = 100;
  private static final long LEAVE_NS = 2_000_000_000L;

  private final Failures failures;
  private final Map<Integer, Integer> pidByThread = new ConcurrentHashMap<>();
  private final Set<Integer> processes = ConcurrentHashMap.newKeySet();
  private final Set<Integer> spared = ConcurrentHashMap.newKeySet();
  private final Set<Integer> leaving = ConcurrentHashMap.newKeySet();
  private final LinkedBlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private Thread thread;
  private volatile ThreadWake wake;
  private volatile boolean closed;
  private Ptrace ptrace;
  private Registers registers;

  /** Something that only the tracer can do. */
  private record Request(BooleanSupplier what, CompletableFuture<Boolean> done) {}

  SignalGuard(Failures failures) {
    this.failures = failures;
  }

  /** Whether any process has been guarded: others may have inherited its handlers. */
  boolean isInUse() {
    return wake != null;
  }

  /** Whether a thread is guarded. */
  boolean hasThread(int tid) {
    return pidByThread.containsKey(tid);
  }

  /** Processes that are guarded now. */
  Set<Integer> processes() {
    return processes;
  }

  /** Guards a process from now on, unless somebody else traces it or may want to. */
  void guard(int pid) {
    if (!spared.contains(pid) && !processes.contains(pid)) {
      ask(() -> seizeAll(pid));
    }
  }

  /**
   * Lets go of one thread at its next stop.
   *
   * @param tid a thread that waits in a call.
   * @return true when the call must be answered by {@link Call#answerAgain} for that.
   */
  boolean letGoThread(int tid) {
    return pidByThread.containsKey(tid) && ask(() -> interruptLeaving(tid));
  }

  /**
   * Lets go of a process for ever: somebody else wants to trace it. Waits for its threads, except
   * the caller's.
   *
   * @param caller a thread that waits in a call.
   * @return true when the caller is one of them: see {@link #letGoThread}.
   */
  boolean letGo(int pid, int caller) {
    spared.add(pid);
    if (!processes.contains(pid)) {
      return false;
    }
    ask(() -> interruptAll(pid));
    long until = System.nanoTime() + LEAVE_NS;
    synchronized (pidByThread) {
      while (hasThreads(pid, caller) && System.nanoTime() - until < 0) {
        try {
          pidByThread.wait(LOOK_MS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          break;
        }
      }
    }
    return Integer.valueOf(pid).equals(pidByThread.get(caller));
  }

  /** A process has ended; its number may come again. */
  void onProcessEnded(int pid) {
    spared.remove(pid);
  }

  private boolean hasThreads(int pid, int except) {
    return pidByThread.entrySet().stream()
        .anyMatch(entry -> entry.getValue() == pid && entry.getKey() != except);
  }

  /** Has the tracer do something; false when it cannot any more. */
  private boolean ask(BooleanSupplier what) {
    Request request = new Request(what, new CompletableFuture<>());
    requests.add(request);
    startOnce();
    try {
      while (!closed) {
        ThreadWake tracer = wake;
        if (tracer != null) {
          tracer.wake();
        }
        try {
          return request.done().get(AGAIN_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // it was just about to wait
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return false;
  }

  private synchronized void startOnce() {
    if (thread == null) {
      thread = Thread.ofPlatform().daemon().name("lego-guard-signals").start(this::run);
    }
  }

  private void run() {
    try (Arena arena = Arena.ofConfined()) {
      ptrace = new Ptrace(arena);
      registers = new Registers(arena);
      wake = new ThreadWake();
      while (!closed) {
        Request request = pidByThread.isEmpty() ? requests.take() : requests.poll();
        if (request != null) {
          request.done().complete(request.what().getAsBoolean());
        } else {
          follow();
        }
      }
    } catch (InterruptedException e) {
      // closed
    } catch (RuntimeException | Error e) {
      closed = true;
      failures.fatal("the thread that guards signals failed: " + e);
    }
  }

  private void follow() {
    int tid = ptrace.await(-1);
    if (tid > 0) {
      onStatus(tid, ptrace.status());
    } else if (tid != -Errno.EINTR) { // the last one is gone, by an exec of another
      pidByThread.keySet().forEach(this::forget);
    }
  }

  private void onStatus(int tid, int status) {
    if (Ptrace.hasEnded(status)) {
      forget(tid);
      return;
    }
    int event = Ptrace.event(status);
    int signal = event == 0 ? Ptrace.stopSignal(status) : 0;
    int pid = pidByThread.computeIfAbsent(tid, SignalGuard::processOf);
    if (event == Ptrace.EVENT_EXEC) {
      forget((int) ptrace.eventMessage(tid));
      processes.remove(pid);
    } else {
      rewind(tid);
    }
    if (leaving.contains(tid) || !processes.contains(pid)) {
      ptrace.detach(tid, signal);
      forget(tid);
    } else if (event == Ptrace.EVENT_STOP && Ptrace.stopSignal(status) != SIGTRAP) {
      ptrace.listen(tid);
    } else {
      ptrace.resume(tid, signal);
    }
  }

  /** Of a thread that was born guarded; what is born as a process of its own is none of that. */
  private static int processOf(int tid) {
    ProcStatus status = ProcStatus.of(tid);
    return status == null ? 0 : status.pid();
  }

  private void rewind(int tid) {
    if (ptrace.readRegisters(tid, registers.segment()) >= 0 && CallRewind.isDue(registers)) {
      CallRewind.apply(registers);
      ptrace.writeRegisters(tid, registers.segment());
    }
  }

  private void forget(int tid) {
    synchronized (pidByThread) {
      Integer pid = pidByThread.remove(tid);
      leaving.remove(tid);
      if (pid != null && !pidByThread.containsValue(pid)) {
        processes.remove(pid);
      }
      pidByThread.notifyAll();
    }
  }

  /** New threads may come while they are listed; those of a guarded thread are guarded already. */
  private boolean seizeAll(int pid) {
    boolean more = !spared.contains(pid) && processes.add(pid);
    while (more) {
      more = false;
      String[] names = new File("/proc/" + pid + "/task").list();
      for (String name : names == null ? new String[0] : names) {
        int tid = Integer.parseInt(name);
        if (!pidByThread.containsKey(tid) && ptrace.seize(tid, OPTIONS) == 0) {
          pidByThread.put(tid, pid);
          more = true;
        }
      }
    }
    return pidByThread.containsValue(pid) || !processes.remove(pid);
  }

  private boolean interruptLeaving(int tid) {
    leaving.add(tid);
    boolean traced = pidByThread.containsKey(tid) && ptrace.interrupt(tid) == 0;
    return traced || !leaving.remove(tid);
  }

  private boolean interruptAll(int pid) {
    processes.remove(pid);
    pidByThread.forEach((tid, process) -> {
      if (process == pid) {
        ptrace.interrupt(tid);
      }
    });
    return true;
  }

  /** Ends the thread, and with it the tracing. */
  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
      ThreadWake tracer = wake;
      while (thread.isAlive()) {
        if (tracer != null) {
          tracer.wake();
        }
        try {
          thread.join(AGAIN_MS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}

package io.splitkernel.pcomponent.fault;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/** The commands of control threads on their way to the pager thread. */
final class CommandQueue {
  private static final int COMMANDS_MAX = 1024;

  private final PagerState state;
  private final Queue<Command> offered = new ArrayBlockingQueue<>(COMMANDS_MAX);
  private final ArrayDeque<Command> pending = new ArrayDeque<>();

  CommandQueue(PagerState state) {
    this.state = state;
  }

  /** Any thread: false when too many wait. */
  boolean offer(Command command) {
    return offered.offer(command);
  }

  /** Whether there are new ones. */
  boolean isOffered() {
    return !offered.isEmpty();
  }

  /** Pager thread: whether some were attempted and must be attempted again. */
  boolean isPending() {
    return !pending.isEmpty();
  }

  /** Pager thread: attempts each once. */
  void run() {
    Command command = offered.poll();
    while (command != null) {
      pending.add(command);
      command = offered.poll();
    }
    for (int left = pending.size(); left > 0; left--) {
      Command next = pending.poll();
      if (!attempt(next)) {
        pending.add(next);
      }
    }
  }

  private boolean attempt(Command command) {
    try {
      if (!command.attempt()) {
        return false;
      }
      state.gauge(); // the caller may look at once
      command.finish(null);
    } catch (RuntimeException e) {
      command.finish(e);
    } catch (Error e) {
      command.finish(new IllegalStateException("the pager has failed: " + e, e));
      throw e;
    }
    return true;
  }

  /** Ends commands that nobody will attempt any more; not beside a running pager thread. */
  void abandonAll(String reason) {
    for (Command left : pending) {
      left.finish(new IllegalStateException(reason));
    }
    abandonNew(reason);
  }

  /** Any thread: ends commands that came after the end of the pager thread. */
  void abandonNew(String reason) {
    Command command = offered.poll();
    while (command != null) {
      command.finish(new IllegalStateException(reason));
      command = offered.poll();
    }
  }
}

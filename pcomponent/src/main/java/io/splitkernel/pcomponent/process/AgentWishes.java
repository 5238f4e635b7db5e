package io.splitkernel.pcomponent.process;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Which address spaces want an agent, and when the next attempt is due. A space is not tried at
 * once, since most forked children exec, end or make a memory call soon; after an attempt in vain
 * it is tried less and less often. Any thread.
 */
final class AgentWishes {
  private static final long PATIENCE_NS = 50_000_000L;
  private static final long AGAIN_MIN_NS = 500_000_000L;
  private static final long AGAIN_MAX_NS = 30_000_000_000L;

  private final Map<Integer, Wish> wishes = new HashMap<>();

  private static final class Wish {
    long dueNs;
    long againNs = AGAIN_MIN_NS;

    /** Whether it was asked for since the last attempt. */
    boolean open = true;
  }

  /** A space wants an agent, or still does. */
  synchronized void add(int space, long nowNs) {
    Wish wish = wishes.get(space);
    if (wish == null) {
      wish = new Wish();
      wish.dueNs = nowNs + PATIENCE_NS;
      wishes.put(space, wish);
    }
    wish.open = true;
    notifyAll();
  }

  /** The wish has come true, or its space has ended. */
  synchronized void remove(int space) {
    wishes.remove(space);
  }

  /** There was an attempt. */
  synchronized void tried(int space, boolean done, long nowNs) {
    Wish wish = wishes.get(space);
    if (done || wish == null) {
      wishes.remove(space);
      return;
    }
    wish.open = false;
    wish.dueNs = nowNs + wish.againNs;
    wish.againNs = Math.min(2 * wish.againNs, AGAIN_MAX_NS);
  }

  /**
   * Waits until some are due.
   *
   * @param timeoutNs longest wait.
   * @return which; none after that time.
   */
  synchronized Set<Integer> await(long timeoutNs) throws InterruptedException {
    long startNs = System.nanoTime();
    while (true) {
      long nowNs = System.nanoTime();
      long waitNs = timeoutNs - (nowNs - startNs);
      Set<Integer> due = new HashSet<>();
      for (Map.Entry<Integer, Wish> entry : wishes.entrySet()) {
        Wish wish = entry.getValue();
        if (wish.open && wish.dueNs - nowNs <= 0) {
          due.add(entry.getKey());
        } else if (wish.open) {
          waitNs = Math.min(waitNs, wish.dueNs - nowNs);
        }
      }
      if (!due.isEmpty() || waitNs <= 0) {
        return due;
      }
      TimeUnit.NANOSECONDS.timedWait(this, waitNs);
    }
  }
}

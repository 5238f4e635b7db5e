package io.splitkernel.ci.files;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Something that happens at a moment which falls anywhere in what goes on beside. */
final class Later {
  /** What happens. */
  interface Event {
    void run() throws Exception;
  }

  private Later() {}

  /** A task that waits and then lets it happen. */
  static Callable<Void> after(int micros, Event event) {
    return () -> {
      long until = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(micros);
      for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      event.run();
      return null;
    };
  }
}

package io.splitkernel.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class TickClockTest {
  @Test
  void ticksAndNanosecondsTellTheSameTime() {
    double before = TickClock.nsPerTick(); // loads the class, which takes a few milliseconds
    long ns = -System.nanoTime();
    long ticks = -TickClock.ticks();
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
    while (System.nanoTime() - until < 0) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
    ticks += TickClock.ticks();
    ns += System.nanoTime();
    assertEquals(1.0, ticks * TickClock.nsPerTick() / ns, 0.02);
    assertEquals(1.0, before / TickClock.nsPerTick(), 0.02);
  }
}

package io.splitkernel.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class TickClockTest {
  @Test
  void ticksAndNanosecondsTellTheSameTime() {
    double before = TickClock.nsPerTick(); // loads the class, which takes a few milliseconds
    long[] from = TickClock.readBoth();
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
    while (System.nanoTime() - until < 0) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
    long[] to = TickClock.readBoth();
    double nsPerTick = TickClock.nsPerTick();
    assertEquals(1.0, (to[0] - from[0]) * nsPerTick / (to[1] - from[1]), 0.005);
    assertEquals(1.0, before / nsPerTick, 0.005);
  }
}

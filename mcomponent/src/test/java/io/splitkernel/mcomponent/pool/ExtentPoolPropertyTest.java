package io.splitkernel.mcomponent.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ExtentPoolPropertyTest {
  private static final long EXTENT = 4096;
  private static final int EXTENTS = 8;

  /** Even numbers take and dirty an extent, odd ones give one of the taken back. */
  @Property(tries = 100)
  void shouldHandOutEachExtentOnceAndAlwaysZeroed(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 999) Integer> steps)
      throws FabricException {
    try (ShmFabric fabric = ShmFabric.open(ShmConfig.defaults());
        ExtentPool pool = ExtentPool.open(fabric, EXTENTS * EXTENT, EXTENT)) {
      Set<Integer> taken = new TreeSet<>();
      for (int step : steps) {
        if (step % 2 == 0) {
          take(pool, taken);
        } else if (!taken.isEmpty()) {
          Integer given = taken.stream().skip(step % taken.size()).findFirst().orElseThrow();
          taken.remove(given);
          assertTrue(pool.give(given));
        }
        assertEquals((EXTENTS - taken.size()) * EXTENT, pool.freeBytes());
      }
    }
  }

  private static void take(ExtentPool pool, Set<Integer> taken) {
    int extent = pool.take();
    if (taken.size() == EXTENTS) {
      assertEquals(ExtentPool.EXHAUSTED, extent);
      return;
    }
    assertTrue(extent >= 0 && extent < EXTENTS && !taken.contains(extent));
    MemorySegment bytes = pool.memory().segment().asSlice(pool.offset(extent), EXTENT);
    for (long i = 0; i < EXTENT; i += Long.BYTES) {
      assertEquals(0, bytes.get(ValueLayout.JAVA_LONG, i));
    }
    bytes.fill((byte) 0xAA);
    taken.add(extent);
  }
}

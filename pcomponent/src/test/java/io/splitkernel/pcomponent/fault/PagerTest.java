package io.splitkernel.pcomponent.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagerTest {
  private static final int PAGE = PagerFixture.PAGE;

  @Test
  void shouldReadZerosFromUntouchedPages() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(64), 256)) {
      for (int i = 0; i < 16; i++) {
        assertEquals(0, Touch.load(fixture.page(i)));
      }
      assertEquals(16, fixture.get(ProcessorCounter.ZERO_FILLS));
      assertEquals(16L * PAGE, fixture.pager.bytesInUse());
    }
  }

  @Test
  void shouldReadBackWhatWentToRemoteMemory() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(64), 4096)) {
      Touch.fill(fixture.area, 4096, PAGE, 1000);
      assertEquals(-1, Touch.check(fixture.area, 4096, PAGE, 1000));
      assertEquals(-1, Touch.check(fixture.area, 4096, PAGE, 1000));
      assertTrue(fixture.get(ProcessorCounter.REMOTE_READS) > 7000, "remote reads");
      assertTrue(fixture.get(ProcessorCounter.REMOTE_WRITES) >= 4000, "remote writes");
      assertTrue(fixture.get(ProcessorCounter.RESIDENT_PEAK_BYTES) <= 64L * PAGE, "bound");
    }
  }

  @Test
  void shouldNotWriteCleanPagesBackAgain() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(64), 1024)) {
      Touch.fill(fixture.area, 1024, PAGE, 1);
      assertEquals(-1, Touch.check(fixture.area, 1024, PAGE, 1));
      long writes = fixture.get(ProcessorCounter.REMOTE_WRITES);
      assertEquals(-1, Touch.check(fixture.area, 1024, PAGE, 1));
      assertEquals(-1, Touch.check(fixture.area, 1024, PAGE, 1));
      long more = fixture.get(ProcessorCounter.REMOTE_WRITES) - writes;
      assertTrue(more <= 64, "wrote " + more + " clean pages");
    }
  }

  @Test
  void shouldKeepWritesToCleanPages() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(32), 512)) {
      Touch.fill(fixture.area, 512, PAGE, 1);
      for (int round = 2; round < 6; round++) {
        assertEquals(-1, Touch.check(fixture.area, 512, PAGE, round - 1));
        Touch.fill(fixture.area, 512, PAGE, round);
      }
      assertEquals(-1, Touch.check(fixture.area, 512, PAGE, 5));
    }
  }

  @Test
  void shouldForgetDroppedPages() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(32), 512)) {
      Touch.fill(fixture.area, 512, PAGE, 7);
      fixture.pager.drop(fixture.space, fixture.page(100), fixture.page(300));
      io.splitkernel.ffi.RawMemory.discard(fixture.page(100), 200L * PAGE);
      for (int i = 100; i < 300; i++) {
        assertEquals(0, Touch.load(fixture.page(i)));
      }
      assertEquals(-1, Touch.check(fixture.area, 100, PAGE, 7));
      assertEquals(-1, Touch.check(fixture.page(300), 212, PAGE, 307));
    }
  }

  @Test
  void shouldForgetEvictedPagesThatAreAllZero() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(32), 512)) {
      for (int i = 0; i < 512; i++) {
        Touch.store(fixture.page(i), 0);
      }
      assertEquals(0, fixture.get(ProcessorCounter.REMOTE_WRITES));
      assertTrue(fixture.get(ProcessorCounter.ZERO_EVICTIONS) > 400);
      assertTrue(fixture.pager.bytesInUse() <= 64L * PAGE);
    }
  }
}

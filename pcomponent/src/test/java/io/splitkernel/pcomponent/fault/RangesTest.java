package io.splitkernel.pcomponent.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Syscall;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ranges that are held, kept, or made local. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RangesTest {
  private static final int PAGE = PagerFixture.PAGE;
  private static final int PAGES = 400;
  private static final long MADV_GUARD_INSTALL = 102;

  private static PagerFixture filled() {
    PagerFixture fixture = new PagerFixture(PagerFixture.config(64), PAGES);
    Touch.fill(fixture.area, PAGES, PAGE, 1000);
    return fixture;
  }

  @Test
  void shouldServeAFaultInAHeldRangeWhenTheHoldEnds() throws Exception {
    try (PagerFixture fixture = filled()) {
      Pager pager = fixture.pager;
      pager.hold(fixture.space, fixture.area, fixture.page(100));
      pager.hold(fixture.space, fixture.page(50), fixture.page(150));
      pager.drop(fixture.space, fixture.page(60), fixture.page(61));
      RawMemory.discard(fixture.page(60), PAGE);
      long faults = fixture.get(ProcessorCounter.PAGE_FAULTS);
      Thread reader =
          Thread.ofPlatform().start(() -> assertEquals(0, Touch.load(fixture.page(60))));
      Awaitility.await().until(() -> fixture.get(ProcessorCounter.PAGE_FAULTS) > faults);
      pager.release(fixture.space, fixture.area, fixture.page(100));
      assertEquals(-1, Touch.check(fixture.page(150), PAGES - 150, PAGE, 1150));
      assertTrue(reader.isAlive(), "the second hold");
      pager.release(fixture.space, fixture.page(50), fixture.page(150));
      reader.join();
      assertEquals(-1, Touch.check(fixture.area, 60, PAGE, 1000));
    }
  }

  @Test
  void shouldNeverEvictWhatIsKept() {
    try (PagerFixture fixture = filled()) {
      fixture.pager.keep(fixture.space, fixture.page(10), fixture.page(20));
      for (int round = 0; round < 3; round++) {
        Touch.fill(fixture.page(20), PAGES - 20, PAGE, 2000 + round);
        long faults = fixture.get(ProcessorCounter.PAGE_FAULTS);
        assertEquals(-1, Touch.check(fixture.page(10), 10, PAGE, 1010));
        assertEquals(faults, fixture.get(ProcessorCounter.PAGE_FAULTS));
      }
      fixture.pager.drop(fixture.space, fixture.page(10), fixture.page(20));
      RawMemory.discard(fixture.page(10), 10L * PAGE);
      assertEquals(0, Touch.load(fixture.page(10)));
    }
  }

  @Test
  void shouldLeaveToTheProgramWhatIsMadeLocal() {
    try (PagerFixture fixture = filled()) {
      assertEquals(0, fixture.pager.localize(fixture.space, fixture.area, fixture.page(200)));
      assertEquals((PAGES - 200L) * PAGE, fixture.pager.bytesInUse());
      Touch.fill(fixture.page(200), PAGES - 200, PAGE, 3000);
      long faults = fixture.get(ProcessorCounter.PAGE_FAULTS);
      assertEquals(-1, Touch.check(fixture.area, 200, PAGE, 1000));
      Touch.fill(fixture.area, 200, PAGE, 5000);
      assertEquals(faults, fixture.get(ProcessorCounter.PAGE_FAULTS));
      assertEquals(-1, Touch.check(fixture.page(200), PAGES - 200, PAGE, 3000));
    }
  }

  @Test
  void shouldMakeARangeLocalWithoutAnAgent() {
    try (PagerFixture fixture = filled()) {
      fixture.pager.unclaim(fixture.space);
      assertEquals(0, fixture.pager.localize(fixture.space, fixture.area, fixture.page(PAGES)));
      assertEquals(-1, Touch.check(fixture.area, PAGES, PAGE, 1000));
    }
  }

  @Test
  void shouldMakeReservedTerabytesLocalByThePagesThatAreThere() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(200), PAGES)) {
      long bytes = 1L << 42;
      long reserved = Syscall.call(9, 0, bytes, 3, 0x4022, -1, 0); // NORESERVE
      assertTrue(reserved > 0, "mmap: " + reserved);
      int pages = 300;
      long stride = bytes / pages & -PAGE;
      assertEquals(0, fixture.pager.register(fixture.space, reserved, reserved + bytes, false));
      Touch.fill(reserved, pages, stride, 1000);
      assertEquals(0, fixture.pager.localize(fixture.space, reserved, reserved + bytes));
      assertEquals(-1, Touch.check(reserved, pages, stride, 1000));
      Syscall.call(11, reserved, bytes, 0);
    }
  }

  @Test
  void shouldAnswerForASpaceThatHasEnded() {
    try (PagerFixture fixture = filled()) {
      Pager pager = fixture.pager;
      int gone = 7;
      pager.hold(gone, fixture.area, fixture.page(1));
      pager.drop(gone, fixture.area, fixture.page(1));
      pager.move(gone, fixture.area, fixture.page(1), PAGE);
      pager.release(gone, fixture.area, fixture.page(1));
      pager.keep(gone, fixture.area, fixture.page(1));
      pager.unclaim(gone);
      assertEquals(-Errno.ESRCH, pager.localize(gone, fixture.area, fixture.page(1)));
      assertEquals(-Errno.ESRCH, pager.register(gone, fixture.area, fixture.page(1), true));
      assertEquals(-Errno.ESRCH, pager.claim(gone, fixture.agent, 1));
      assertEquals(-1, pager.userfaultfd(gone));
    }
  }

  @Test
  void shouldNotFillAheadIntoGuardPages() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(200), PAGES)) {
      assertEquals(0, fixture.pager.localize(fixture.space, fixture.page(40), fixture.page(60)));
      long guarded = Syscall.call(28, fixture.page(40), 20L * PAGE, MADV_GUARD_INSTALL);
      assumeTrue(guarded == 0, "guard pages came with Linux 6.13: " + guarded);
      Touch.fill(fixture.area, 40, PAGE, 1000);
      for (int page = 99; page >= 60; page--) {
        Touch.store(fixture.page(page), 1000 + page);
      }
      for (int page = 40; page < 60; page++) {
        assertEquals(-14, read(fixture.page(page)), "page " + page);
      }
    }
  }

  /** Reads as the kernel reads for others: a guard page answers EFAULT instead of a signal. */
  private static long read(long address) {
    long memory = RawMemory.map(PAGE);
    RawMemory.putLong(memory, memory + 64);
    RawMemory.putLong(memory + 8, 8);
    RawMemory.putLong(memory + 16, address);
    RawMemory.putLong(memory + 24, 8);
    long pid = ProcessHandle.current().pid();
    long result = Syscall.call(310, pid, memory, 1, memory + 16, 1, 0);
    RawMemory.unmap(memory, PAGE);
    return result;
  }
}

package io.splitkernel.pcomponent.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Forked children of which nobody has taken care yet. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UnclaimedTest {
  private static final int PAGE = PagerFixture.PAGE;
  private static final int PAGES = 400;

  private static PagerFixture filled(int cachePages, int pages) {
    PagerFixture fixture = new PagerFixture(PagerFixture.config(cachePages), PAGES);
    Touch.fill(fixture.area, pages, PAGE, 1000);
    return fixture;
  }

  @Test
  void shouldServeAChildThatNobodyClaimsAndTellOfItsEnd() {
    try (PagerFixture fixture = filled(512, PAGES)) {
      ForkedChild child = ForkedChild.unclaimed(fixture);
      child.assertHolds(fixture.area, PAGES, 1000);
      child.fill(fixture.area, PAGES, PAGE, 2000);
      assertEquals(-1, Touch.check(fixture.area, PAGES, PAGE, 1000));
      child.assertHolds(fixture.area, PAGES, 2000);
      int space = child.space();
      child.close();
      Awaitility.await().until(() -> fixture.ended.contains(space));
      assertEquals(-Errno.ESRCH, fixture.pager.claim(space, child, 1));
      assertEquals(1, fixture.get(ProcessorCounter.SPACES));
    }
  }

  @Test
  void shouldAskForAnAgentWhenPagesOfTheChildOughtToLeaveAndEvictThemThen() {
    try (PagerFixture fixture = filled(64, 40);
        ForkedChild child = ForkedChild.unclaimed(fixture)) {
      Awaitility.await().until(() -> fixture.agentWanted.contains(child.space()));
      child.claim();
      Awaitility.await().until(() -> fixture.get(ProcessorCounter.RESIDENT_BYTES) <= 64L * PAGE);
      child.assertHolds(fixture.area, 40, 1000);
      assertEquals(-1, Touch.check(fixture.area, 40, PAGE, 1000));
    }
  }

  @Test
  void shouldGoOnAfterASpaceWasWithoutAnAgent() {
    try (PagerFixture fixture = filled(64, PAGES);
        ForkedChild child = ForkedChild.of(fixture)) {
      child.fill(fixture.area, PAGES, PAGE, 2000);
      fixture.pager.unclaim(child.space());
      fixture.pager.unclaim(child.space());
      child.claim();
      child.assertHolds(fixture.area, PAGES, 2000);
      assertTrue(fixture.ended.isEmpty(), "it lives");
    }
  }

  @Test
  void shouldLetGoOfAnAgentOnlyWhenNobodyAsksItAnyMoreThoughItsSpaceHasEnded() throws Exception {
    try (PagerFixture fixture = filled(64, 40)) {
      ForkedChild child = ForkedChild.of(fixture);
      CountDownLatch halfWay = child.stopHalfWay();
      Thread pressure = new Thread(() -> Touch.fill(fixture.area, PAGES, PAGE, 7000));
      pressure.start();
      assertTrue(halfWay.await(30, TimeUnit.SECONDS), "nothing of the child was evicted");
      CompletableFuture<Void> letGo =
          CompletableFuture.runAsync(() -> fixture.pager.unclaim(child.space()));
      child.end();
      Awaitility.await().until(() -> fixture.pager.userfaultfd(child.space()) < 0);
      fixture.residentPages(); // two more turns of the pager
      fixture.residentPages();
      assertFalse(letGo.isDone(), "the evictor is still with the agent");
      child.endAgent();
      letGo.get(30, TimeUnit.SECONDS);
      pressure.join();
    }
  }

  @Test
  void shouldInstallAMissingBeaconAndCountItAsNoLine() {
    try (PagerFixture fixture = filled(64, 8)) {
      long resident = fixture.residentPages();
      RawMemory.discard(AddressSpaces.BEACON_ADDRESS, PAGE);
      assertEquals(fixture.pager.nonce(), Touch.load(AddressSpaces.BEACON_ADDRESS));
      assertEquals(fixture.space, Touch.load(AddressSpaces.BEACON_ADDRESS + 8));
      assertEquals(resident, fixture.residentPages());
    }
  }

  @Test
  void shouldLetNoFaultWaitForTheEvictionOfWhatAForkShares() {
    try (PagerFixture fixture = filled(256, 150)) {
      fixture.agent.refuseAll = true;
      fixture.agent.forcedResult = -Errno.EAGAIN; // nothing can leave at all
      long inUse = fixture.pagesInUse();
      try (ForkedChild child = ForkedChild.unclaimed(fixture)) {
        assertEquals(inUse, fixture.pagesInUse(), "shared pages count once");
        Touch.fill(fixture.page(250), 10, PAGE, 1150);
        child.fill(fixture.page(300), 5, PAGE, 2000);
        assertEquals(0, fixture.get(ProcessorCounter.STARVED_FAULTS));
        child.assertHolds(fixture.area, 150, 1000);
      }
      fixture.agent.forcedResult = 0;
    }
  }

  @Test
  void shouldTakeMemoryOnceForWhatIsStillTheSameWhenItLeaves() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(2048), 1400)) {
      Touch.fill(fixture.area, 1400, PAGE, 1000);
      try (ForkedChild child = ForkedChild.of(fixture)) {
        child.fill(fixture.area, 10, PAGE, 5000);
        Awaitility.await().until(() -> fixture.residentPages() <= 2048);
        long inUse = fixture.pagesInUse();
        assertTrue(inUse <= 1450, "pages in use: " + inUse);
        child.assertHolds(fixture.area, 10, 5000);
        child.assertHolds(fixture.page(10), 1390, 1010);
        assertEquals(-1, Touch.check(fixture.area, 1400, PAGE, 1000));
        child.fill(fixture.area, 1400, PAGE, 7000);
        assertEquals(-1, Touch.check(fixture.area, 1400, PAGE, 1000));
        child.assertHolds(fixture.area, 1400, 7000);
      }
    }
  }

  @Test
  void shouldCountOnceWhatIsSharedWhereverItIs() {
    try (PagerFixture fixture = filled(64, PAGES)) {
      try (ForkedChild child = ForkedChild.unclaimed(fixture)) {
        assertEquals(PAGES, fixture.pagesInUse());
        assertEquals(1000, child.load(fixture.area));
      }
    }
  }
}

package io.splitkernel.pcomponent.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.pcomponent.Seeds;
import io.splitkernel.pcomponent.region.LocalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copy-on-write between real processes. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ForkTest {
  private static final int PAGE = PagerFixture.PAGE;
  private static final int PAGES = 400;

  @Test
  void shouldGiveTheChildWhatTheParentHadAtTheFork() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(64), PAGES)) {
      Touch.fill(fixture.area, PAGES, PAGE, 1000);
      try (ForkedChild child = ForkedChild.of(fixture)) {
        child.assertHolds(fixture.area, PAGES, 1000);
        Touch.fill(fixture.area, PAGES, PAGE, 2000);
        child.assertHolds(fixture.area, PAGES, 1000);
        child.fill(fixture.area, PAGES, PAGE, 3000);
        assertEquals(-1, Touch.check(fixture.area, PAGES, PAGE, 2000));
        child.assertHolds(fixture.area, PAGES, 3000);
      }
      assertEquals(-1, Touch.check(fixture.area, PAGES, PAGE, 2000));
      assertEquals(1, fixture.get(ProcessorCounter.FORKS));
    }
  }

  @Test
  void shouldRescueWhatTheChildStillNeedsBeforeTheParentOverwritesIt() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(32), PAGES)) {
      Touch.fill(fixture.area, PAGES, PAGE, 1000);
      try (ForkedChild child = ForkedChild.of(fixture)) {
        for (int round = 2; round < 5; round++) {
          Touch.fill(fixture.area, PAGES, PAGE, round * 1000L);
        }
        assertTrue(fixture.get(ProcessorCounter.RESCUES) > PAGES / 2, "rescues");
        child.assertHolds(fixture.area, PAGES, 1000);
      }
      assertEquals(-1, Touch.check(fixture.area, PAGES, PAGE, 4000));
    }
  }

  @Test
  void shouldKeepTheParentsRemoteMemoryForItsChild() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(64), PAGES)) {
      long forGrandchild = ForkedChild.memoryForGrandchild();
      Touch.fill(fixture.area, PAGES, PAGE, 1000);
      ForkedChild child = ForkedChild.of(fixture);
      child.fill(fixture.area, PAGES / 2, PAGE, 5000);
      ForkedChild grandchild = child.fork(forGrandchild);
      child.close();
      fixture.detach();
      grandchild.assertHolds(fixture.area, PAGES / 2, 5000);
      grandchild.assertHolds(fixture.page(PAGES / 2), PAGES / 2, 1000 + PAGES / 2);
      grandchild.close();
    }
  }

  @Test
  void shouldSayThatAPageIsLostWhichTheParentsAgentHadMovedWhenItEnded() throws Exception {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(64), PAGES)) {
      long forGrandchild = ForkedChild.memoryForGrandchild();
      Touch.fill(fixture.area, PAGES, PAGE, 1000);
      ForkedChild child = ForkedChild.of(fixture);
      child.fill(fixture.area, PAGES / 2, PAGE, 5000);
      CountDownLatch halfWay = child.stopHalfWay();
      Thread pressure = new Thread(() -> Touch.fill(fixture.area, PAGES, PAGE, 7000));
      pressure.start();
      assertTrue(halfWay.await(30, TimeUnit.SECONDS), "nothing of the child was evicted");
      Thread killer =
          new Thread(() -> {
            Awaitility.await().until(() -> fixture.get(ProcessorCounter.FORKS) == 2);
            child.endAgent();
          });
      killer.start();
      assertThrows(AssertionError.class, () -> child.fork(forGrandchild));
      killer.join();
      assertTrue(
          fixture.memoryLost.stream().anyMatch(r -> r.contains("the parent process")),
          fixture.memoryLost.toString());
      Awaitility.await().until(() -> fixture.get(ProcessorCounter.SPACES) == 2);
      child.close();
      pressure.join();
    }
  }

  private static long tookMs(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1_000_000;
  }

  /** The pager looks at everything once a second; nothing may depend on that. */
  @Test
  void shouldNotSleepWhileAFaultWaitsForAFrameThatIsFree() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(64), PAGES)) {
      Touch.fill(fixture.area, PAGES, PAGE, 1000);
      long withoutForkMs = tookMs(() -> Touch.fill(fixture.area, PAGES, PAGE, 1000));
      long boundMs = 900 + 4 * withoutForkMs; // a slow machine is slow at both
      long leastMs = Long.MAX_VALUE;
      for (int i = 0; i < 20 && leastMs >= boundMs; i++) { // and may be busy for a while
        try (ForkedChild child = ForkedChild.of(fixture)) {
          leastMs =
              Math.min(leastMs, tookMs(() -> child.fill(fixture.area, PAGES / 2, PAGE, 5000)));
        }
      }
      assertTrue(leastMs < boundMs, leastMs + " ms, without a fork " + withoutForkMs + " ms");
    }
  }

  @Test
  void shouldBringTheCacheBackToItsBoundAfterForks() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(128), PAGES)) {
      Touch.fill(fixture.area, PAGES, PAGE, 1);
      List<ForkedChild> children = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        children.add(ForkedChild.of(fixture));
      }
      for (ForkedChild child : children) {
        child.assertHolds(fixture.area, PAGES, 1);
      }
      Awaitility.await().until(() -> fixture.get(ProcessorCounter.RESIDENT_BYTES) <= 128L * PAGE);
      children.forEach(ForkedChild::close);
    }
  }

  @Test
  void shouldServeParentAndChildWhileNoTransferEnds() throws Exception {
    LateMemory memory = new LateMemory(new LocalMemory(64L << 20));
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(64), PAGES, memory)) {
      Touch.fill(fixture.area, PAGES, PAGE, 1000);
      memory.withholdFirstOf(PAGE);
      Thread reader = Thread.ofPlatform().start(() -> assertEquals(1000, Touch.load(fixture.area)));
      Awaitility.await().until(() -> memory.withheldAddress() != 0);
      try (ForkedChild child = ForkedChild.unclaimed(fixture)) {
        assertEquals(1000 + PAGES - 1, child.load(fixture.page(PAGES - 1)));
        assertEquals(1000 + PAGES - 1, Touch.load(fixture.page(PAGES - 1)));
        memory.release();
        reader.join();
        child.claim();
        Touch.fill(fixture.area, PAGES, PAGE, 3000);
        child.assertHolds(fixture.area, PAGES, 1000);
      }
    }
  }

  @Test
  void shouldCopyAPageTableThatTakesSeveralTurns() {
    int pages = 12_000;
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(10_000), pages)) {
      Touch.fill(fixture.area, pages, PAGE, 1000);
      try (ForkedChild child = ForkedChild.of(fixture)) {
        Touch.fill(fixture.area, pages, PAGE, 50_000);
        child.assertHolds(fixture.area, pages, 1000);
        assertEquals(-1, Touch.check(fixture.area, pages, PAGE, 50_000));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {24, 60, 200})
  void shouldHoldWhatEveryProcessWrote(int cachePages) {
    long seed = Seeds.next();
    Random random = new Random(seed);
    String name = "seed " + seed + ", cache " + cachePages;
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(cachePages), PAGES)) {
      List<ForkedChild> processes = new ArrayList<>();
      List<long[]> models = new ArrayList<>();
      processes.add(null);
      models.add(new long[PAGES]);
      for (int i = 0; i < 6000; i++) {
        int who = random.nextInt(processes.size());
        if (random.nextInt(300) == 0 && processes.size() < 5) {
          processes.add(ForkedChild.of(fixture));
          models.add(models.getFirst().clone());
        } else if (random.nextInt(600) == 0 && who > 0) {
          processes.remove(who).close();
          models.remove(who);
        } else {
          touch(fixture, processes.get(who), models.get(who), random, name + ", process " + who);
        }
      }
      for (int who = 1; who < processes.size(); who++) {
        processes.get(who).close();
      }
      assertTrue(fixture.outOfMemory.isEmpty(), name + ": " + fixture.outOfMemory);
    }
  }

  private static void touch(
      PagerFixture fixture, ForkedChild child, long[] model, Random random, String name) {
    int page = random.nextInt(PAGES);
    long address = fixture.page(page);
    if (random.nextInt(3) == 0) {
      model[page] = random.nextInt(20) == 0 ? 0 : random.nextLong();
      if (child == null) {
        Touch.store(address, model[page]);
      } else {
        child.store(address, model[page]);
      }
    } else {
      long value = child == null ? Touch.load(address) : child.load(address);
      assertEquals(model[page], value, name + ", page " + page);
    }
  }
}

package io.splitkernel.pcomponent.fault;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
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
        assertEquals(0, Touch.load(fixture.page(i * 2L)));
      }
      await().until(() -> fixture.get(ProcessorCounter.ZERO_FILLS) == 16);
      await().until(() -> fixture.pager.bytesInUse() == 16L * PAGE);
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

  @Test
  void shouldReadSequentialScansAheadAndRandomAccessNot() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(1024), 8192)) {
      Touch.fill(fixture.area, 8192, PAGE, 1);
      long reads = fixture.get(ProcessorCounter.REMOTE_READS);
      long faults = fixture.get(ProcessorCounter.PAGE_FAULTS);
      assertEquals(-1, Touch.check(fixture.area, 8192, PAGE, 1));
      long scanFaults = fixture.get(ProcessorCounter.PAGE_FAULTS) - faults;
      assertTrue(scanFaults < 8192 / 8, scanFaults + " faults for a scan of 8192 pages");
      assertTrue(fixture.get(ProcessorCounter.PREFETCH_HITS) > 7000);
      assertTrue(fixture.get(ProcessorCounter.REMOTE_READS) - reads < 8192 + 64);
      long ahead = fixture.get(ProcessorCounter.PREFETCHED);
      Touch.random(fixture.area, 8192, 5000, 42);
      assertTrue(fixture.get(ProcessorCounter.PREFETCHED) - ahead < 100);
    }
  }

  @Test
  void shouldReadAStridedScanAhead() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(1024), 8192)) {
      Touch.fill(fixture.area, 8192, PAGE, 1);
      long reads = fixture.get(ProcessorCounter.REMOTE_READS);
      long faults = fixture.get(ProcessorCounter.PAGE_FAULTS);
      long last = fixture.area + 8190L * PAGE;
      for (int i = 0; i < 2730; i++) {
        assertEquals(8191 - i * 3L, Touch.load(last - i * 3L * PAGE));
      }
      long scanFaults = fixture.get(ProcessorCounter.PAGE_FAULTS) - faults;
      // how far ahead depends on how fast the evictor makes room; without streams it is every page
      assertTrue(scanFaults < 2730 * 4 / 5, scanFaults + " faults for a scan of 2730 pages");
      assertTrue(fixture.get(ProcessorCounter.REMOTE_READS) - reads < 2730 + 64);
    }
  }

  @Test
  void shouldFillZerosAheadOfFirstTouch() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(1024), 512)) {
      Touch.fill(fixture.area, 512, PAGE, 1);
      assertTrue(fixture.get(ProcessorCounter.PAGE_FAULTS) < 100);
      assertEquals(-1, Touch.check(fixture.area, 512, PAGE, 1));
    }
  }

  @Test
  void shouldReportOutOfMemoryInsteadOfExceedingTheLimit() {
    PagerConfig config = PagerConfig.of(64L * PAGE, 100L * PAGE);
    try (PagerFixture fixture = new PagerFixture(config, 512)) {
      Thread program =
          Thread.ofPlatform().daemon(true).start(() -> Touch.fill(fixture.area, 512, PAGE, 1));
      await().atMost(Duration.ofSeconds(20)).until(() -> !fixture.outOfMemory.isEmpty());
      assertEquals(1, fixture.outOfMemory.size());
      assertTrue(fixture.outOfMemory.peek().contains("409600"), fixture.outOfMemory.peek());
      assertTrue(fixture.pager.bytesInUse() <= 100L * PAGE);
      fixture.detach(); // closes the userfaultfd, and the kernel fills the rest
      await().atMost(Duration.ofSeconds(20)).until(() -> !program.isAlive());
    }
  }

  @Test
  void shouldReportOutOfMemoryWhenEverythingIsPinned() {
    PagerConfig config =
        new PagerConfig(16L * PAGE, 1L << 30, 50, 64, 0, 1, 0, 10_000_000_000L, 300_000_000L, 16);
    try (PagerFixture fixture = new PagerFixture(config, 64)) {
      fixture.agent.refuseAll = true;
      fixture.agent.forcedResult = -Errno.EBUSY;
      Thread program =
          Thread.ofPlatform().daemon(true).start(() -> Touch.fill(fixture.area, 64, PAGE, 1));
      await().atMost(Duration.ofSeconds(20)).until(() -> !fixture.outOfMemory.isEmpty());
      assertTrue(fixture.get(ProcessorCounter.PINNED) > 0);
      assertTrue(fixture.get(ProcessorCounter.PINNED) < 10_000, "spins on pinned pages");
      fixture.detach();
      await().atMost(Duration.ofSeconds(20)).until(() -> !program.isAlive());
    }
  }

  @Test
  void shouldServeSeveralThreadsAtOnce() throws InterruptedException {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(48), 600)) {
      ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        long at = fixture.area + t * 8L; // four words of the same pages
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  for (int round = 0; round < 4; round++) {
                    Touch.fill(at, 600, PAGE, round * 7L);
                    long place = Touch.check(at, 600, PAGE, round * 7L);
                    if (place >= 0) {
                      wrong.add("round " + round + ", page " + place);
                    }
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertTrue(wrong.isEmpty(), wrong.toString());
    }
  }

  @Test
  @Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void shouldAllocateNothingOnTheFaultPath() {
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(512), 2048)) {
      Touch.fill(fixture.area, 2048, PAGE, 1);
      long pager = id("lego-pager");
      long evictor = id("lego-evictor");
      com.sun.management.ThreadMXBean threads =
          (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      long allocated = 1;
      // the first rounds warm up; how long compiling takes depends on what else the machine does
      for (int round = 0; round < 6 && allocated > 0; round++) {
        long before =
            threads.getThreadAllocatedBytes(pager) + threads.getThreadAllocatedBytes(evictor);
        churn(fixture, 100_000);
        allocated =
            threads.getThreadAllocatedBytes(pager)
                + threads.getThreadAllocatedBytes(evictor)
                - before;
      }
      assertEquals(0, allocated, "bytes allocated while 100,000 faults were served");
    }
  }

  private static void churn(PagerFixture fixture, int faults) {
    long before = fixture.get(ProcessorCounter.PAGE_FAULTS);
    while (fixture.get(ProcessorCounter.PAGE_FAULTS) - before < faults) {
      Touch.random(fixture.area, 2048, 20_000, before + 7);
      Touch.fill(fixture.area, 256, PAGE, before);
    }
  }

  private static long id(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .threadId();
  }
}

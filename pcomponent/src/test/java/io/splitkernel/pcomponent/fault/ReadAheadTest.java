package io.splitkernel.pcomponent.fault;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.splitkernel.pcomponent.region.LocalMemory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages that are read ahead while their mapping begins to move. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadAheadTest {
  private static final int PAGE = PagerFixture.PAGE;
  private static final int PAGES = 1024;

  @Test
  void shouldServeEveryThreadThatWaitsForAPageOfTheWindow() throws Exception {
    LateMemory remote = new LateMemory(new LocalMemory(1L << 30));
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(256), PAGES, remote)) {
      Touch.fill(fixture.area, PAGES, PAGE, 0);
      remote.withholdFirstOf(4 * PAGE);
      CompletableFuture<Long> scan =
          inThread(() -> Touch.check(fixture.area, PAGES, PAGE, 0)); // waits in its first window
      await().until(() -> remote.withheldAddress() != 0);
      long page = remote.withheldAddress();
      long faults = fixture.get(ProcessorCounter.PAGE_FAULTS);
      CompletableFuture<Long> second = inThread(() -> Touch.load(page + PAGE));
      CompletableFuture<Long> third = inThread(() -> Touch.load(page + 2 * PAGE));
      await().until(() -> fixture.get(ProcessorCounter.PAGE_FAULTS) == faults + 2);

      // within the window, away from its ends
      Thread move =
          Thread.ofPlatform()
              .daemon()
              .start(() -> fixture.pager.hold(fixture.space, page + PAGE, page + 2 * PAGE));
      await().until(() -> move.getState() == Thread.State.TIMED_WAITING);
      fixture.pager.drop(fixture.space, page, page); // its turn comes after that of the move
      remote.release();
      move.join(10_000);
      assertFalse(move.isAlive(), "the move waits for a READ that has ended");
      long index = (page - fixture.area) / PAGE;
      assertEquals(index + 2, third.get(10, TimeUnit.SECONDS));
      assertFalse(second.isDone(), "a held page was installed");
      fixture.pager.release(fixture.space, page + PAGE, page + 2 * PAGE);
      assertEquals(index + 1, second.get(10, TimeUnit.SECONDS));
      assertEquals(-1, scan.get(10, TimeUnit.SECONDS));
    }
  }

  private static CompletableFuture<Long> inThread(LongSupplier work) {
    CompletableFuture<Long> done = new CompletableFuture<>();
    Thread.ofPlatform().daemon().start(() -> done.complete(work.getAsLong()));
    return done;
  }
}

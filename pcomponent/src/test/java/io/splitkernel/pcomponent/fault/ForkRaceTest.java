package io.splitkernel.pcomponent.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.region.LocalMemory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The parent changes its mappings while the pager does not know yet of the fork, or just before.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ForkRaceTest {
  private static final int PAGE = PagerFixture.PAGE;
  private static final int PAGES = 400;
  private static final int BLOCK = 100;
  private static final long SYS_MREMAP = 25;
  private static final long SYS_MADVISE = 28;

  private static final Executor THREADS = task -> Thread.ofPlatform().daemon(true).start(task);

  private final LateMemory memory = new LateMemory(new LocalMemory(64L << 20));

  private PagerFixture fixture(int cachePages) {
    return new PagerFixture(PagerFixture.config(cachePages), PAGES, memory);
  }

  /**
   * Stops the pager between reading of messages and looking for commands, which it does in that
   * turn because one is pending.
   */
  private void stop(PagerFixture fixture) throws InterruptedException {
    CountDownLatch armed = new CountDownLatch(1);
    Command stopper =
        new Command("stop") {
          @Override
          boolean attempt() {
            if (armed.getCount() == 0) {
              return true;
            }
            memory.stopPager();
            armed.countDown();
            return false;
          }
        };
    THREADS.execute(() -> fixture.pager.run(stopper));
    armed.await();
    memory.awaitStop();
  }

  /** Forks, and returns when the kernel has copied the address space. */
  private static CompletableFuture<ForkedChild> fork(PagerFixture fixture) {
    var child = CompletableFuture.supplyAsync(() -> ForkedChild.of(fixture), THREADS);
    try (Userfaultfd calls = new Userfaultfd()) {
      int uffd = fixture.pager.userfaultfd(fixture.space);
      Awaitility.await()
          .pollInterval(1, TimeUnit.MILLISECONDS)
          .until(() -> calls.writeProtect(uffd, Beacon.NOWHERE, PAGE, false) == -Errno.EAGAIN);
    }
    return child;
  }

  /** Runs something that waits for the pager, and returns when it waits. */
  private static Thread waiting(Runnable command) {
    Thread thread = Thread.ofPlatform().start(command);
    Awaitility.await()
        .pollInterval(1, TimeUnit.MILLISECONDS)
        .until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    return thread;
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 2000})
  void shouldGiveTheChildWhatTheParentFreesBeforeTheForkIsKnown(int cachePages) throws Exception {
    try (PagerFixture fixture = fixture(cachePages)) {
      Touch.fill(fixture.area, PAGES, PAGE, 1000);
      stop(fixture);
      var forked = fork(fixture);
      RawMemory.discard(fixture.area, (long) BLOCK * PAGE);
      Thread drop =
          waiting(() -> fixture.pager.drop(fixture.space, fixture.area, fixture.page(BLOCK)));
      memory.goOn();
      drop.join();
      try (ForkedChild child = forked.get()) {
        child.assertHolds(fixture.area, PAGES, 1000);
        assertEquals(0, Touch.load(fixture.area));
        Touch.fill(fixture.area, BLOCK, PAGE, 5000);
        child.assertHolds(fixture.area, PAGES, 1000);
      }
    }
  }

  @Test
  void shouldForgetInTheChildWhatTheParentHadUnmappedBeforeTheFork() throws Exception {
    try (PagerFixture fixture = fixture(2000)) {
      Touch.fill(fixture.area, PAGES, PAGE, 1000);
      // unmapped for the pager, but nobody else may come to lie there
      Syscall.call(9, fixture.area, (long) BLOCK * PAGE, 0, 0x32, -1, 0);
      try (ForkedChild child = ForkedChild.of(fixture)) {
        fixture.pager.drop(fixture.space, fixture.area, fixture.page(BLOCK));
        assertEquals(2L * (PAGES - BLOCK) * PAGE, fixture.get(ProcessorCounter.RESIDENT_BYTES));
        child.assertHolds(fixture.page(BLOCK), PAGES - BLOCK, 1000 + BLOCK);
      }
    }
  }

  @Test
  void shouldLeaveToTheChildWhereItWasWhatTheParentMovesBeforeTheForkIsKnown() throws Exception {
    try (PagerFixture fixture = fixture(64)) {
      Touch.fill(fixture.area, PAGES, PAGE, 1000);
      holdForMove(fixture);
      stop(fixture);
      var forked = fork(fixture);
      mremap(fixture);
      Thread move = waiting(() -> move(fixture));
      memory.goOn();
      move.join();
      release(fixture);
      try (ForkedChild child = forked.get()) {
        child.assertHolds(fixture.area, PAGES, 1000);
        assertEquals(-1, Touch.check(fixture.page(BLOCK), BLOCK, PAGE, 1000));
      }
    }
  }

  @Test
  void shouldFindInTheChildWhereItIsWhatTheParentHadMovedBeforeTheFork() throws Exception {
    try (PagerFixture fixture = fixture(64)) {
      Touch.fill(fixture.area, PAGES, PAGE, 1000);
      holdForMove(fixture);
      mremap(fixture);
      ForkedChild child = ForkedChild.of(fixture);
      move(fixture);
      release(fixture);
      child.assertHolds(fixture.page(BLOCK), BLOCK, 1000);
      child.assertHolds(fixture.page(2 * BLOCK), PAGES - 2 * BLOCK, 1000 + 2 * BLOCK);
      assertEquals(-1, Touch.check(fixture.page(BLOCK), BLOCK, PAGE, 1000));
      child.close();
    }
  }

  /** The first block goes over the second one. */
  private static void holdForMove(PagerFixture fixture) {
    Pager pager = fixture.pager;
    pager.hold(fixture.space, fixture.area, fixture.page(BLOCK));
    pager.hold(fixture.space, fixture.page(BLOCK), fixture.page(2 * BLOCK));
  }

  private static void mremap(PagerFixture fixture) {
    long bytes = (long) BLOCK * PAGE;
    // or else the kernel may merge it with its new neighbour, and unregister that one too
    Syscall.call(SYS_MADVISE, fixture.area, bytes, 16);
    assertEquals(
        fixture.page(BLOCK),
        Syscall.call(SYS_MREMAP, fixture.area, bytes, bytes, 3, fixture.page(BLOCK), 0));
  }

  private static void register(PagerFixture fixture) {
    assertEquals(
        0,
        fixture.pager.register(fixture.space, fixture.page(BLOCK), fixture.page(2 * BLOCK), false));
  }

  private static void move(PagerFixture fixture) {
    fixture.pager.drop(fixture.space, fixture.page(BLOCK), fixture.page(2 * BLOCK));
    register(fixture);
    fixture.pager.move(fixture.space, fixture.area, fixture.page(BLOCK), (long) BLOCK * PAGE);
  }

  private static void release(PagerFixture fixture) {
    fixture.pager.release(fixture.space, fixture.area, fixture.page(BLOCK));
    fixture.pager.release(fixture.space, fixture.page(BLOCK), fixture.page(2 * BLOCK));
  }

  @Test
  void shouldHoldWhatTheChildrenHadWhileAnotherThreadFreesAndFillsAgain() throws Exception {
    try (PagerFixture fixture = fixture(100)) {
      Touch.fill(fixture.area, PAGES, PAGE, 1000);
      var changing =
          CompletableFuture.runAsync(
              () -> {
                for (int round = 1; round < 300; round++) {
                  Touch.fill(fixture.area, BLOCK, PAGE, 1000);
                  fixture.pager.drop(fixture.space, fixture.area, fixture.page(BLOCK));
                  RawMemory.discard(fixture.area, (long) BLOCK * PAGE);
                }
              },
              THREADS);
      for (int round = 0; round < 20; round++) {
        try (ForkedChild child = ForkedChild.of(fixture)) {
          for (int i = 0; i < BLOCK; i += 7) {
            long value = child.load(fixture.page(i));
            assertEquals(value == 0 ? 0 : 1000 + i, value, "round " + round + ", page " + i);
          }
          child.assertHolds(fixture.page(BLOCK), PAGES - BLOCK, 1000 + BLOCK);
          child.fill(fixture.area, PAGES, PAGE, 9000);
          child.assertHolds(fixture.area, PAGES, 9000);
        }
      }
      changing.get();
      assertEquals(-1, Touch.check(fixture.page(BLOCK), PAGES - BLOCK, PAGE, 1000 + BLOCK));
    }
  }
}

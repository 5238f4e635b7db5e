package io.splitkernel.pcomponent.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.pcomponent.Seeds;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random operations against a map from page to value, in tiny caches. Seeds are in the messages.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagerPropertyTest {
  private static final int PAGE = PagerFixture.PAGE;
  private static final int PAGES = 600;
  private static final int BLOCK = 20;
  private static final long SYS_MMAP = 9;
  private static final long SYS_MADVISE = 28;
  private static final long MADV_DONTDUMP = 16;
  private static final long MADV_DODUMP = 17;
  private static final long SYS_MREMAP = 25;

  private final long[] model = new long[PAGES];

  @ParameterizedTest
  @ValueSource(ints = {16, 17, 40, 100, 300})
  void shouldHoldWhatTheProgramWrote(int cachePages) {
    run(cachePages, 0, 12_000, true);
  }

  @ParameterizedTest
  @ValueSource(ints = {Errno.EINVAL, Errno.EBUSY, Errno.EAGAIN})
  void shouldHoldWhatTheProgramWroteWhenMovesAreRefused(int errno) {
    run(40, -errno, 6_000, false);
  }

  private void run(int cachePages, int forced, int operations, boolean moves) {
    long seed = Seeds.next();
    Random random = new Random(seed);
    String name = "seed " + seed + ", cache " + cachePages + ", forced " + forced;
    try (PagerFixture fixture = new PagerFixture(PagerFixture.config(cachePages), PAGES)) {
      fixture.agent.forcedResult = forced;
      for (int i = 0; i < operations; i++) {
        operate(fixture, random, name, moves);
      }
      for (int page = 0; page < PAGES; page++) {
        assertEquals(model[page], Touch.load(fixture.page(page)), name + ", page " + page);
      }
      assertTrue(fixture.outOfMemory.isEmpty(), name + ": " + fixture.outOfMemory);
      assertTrue(fixture.get(ProcessorCounter.EVICTIONS) > 100, name);
      assertTrue(
          fixture.get(ProcessorCounter.RESIDENT_PEAK_BYTES) <= (long) cachePages * PAGE, name);
    }
  }

  private void operate(PagerFixture fixture, Random random, String name, boolean moves) {
    int page = random.nextInt(PAGES);
    switch (random.nextInt(moves ? 201 : 200)) {
      case 0 -> drop(fixture, page, Math.min(PAGES - page, 1 + random.nextInt(40)));
      case 1 -> {
        long value = random.nextLong();
        int count = Math.min(PAGES - page, 1 + random.nextInt(80));
        Touch.fill(fixture.page(page), count, PAGE, value);
        for (int i = 0; i < count; i++) {
          model[page + i] = value + i;
        }
      }
      case 2 -> {
        Touch.store(fixture.page(page), 0);
        model[page] = 0;
      }
      case 200 -> move(fixture, random);
      default -> {
        if (random.nextInt(3) == 0) {
          model[page] = random.nextLong();
          Touch.store(fixture.page(page), model[page]);
        } else {
          assertEquals(model[page], Touch.load(fixture.page(page)), name + ", page " + page);
        }
      }
    }
  }

  private void drop(PagerFixture fixture, int page, int count) {
    fixture.pager.drop(fixture.space, fixture.page(page), fixture.page(page + count));
    RawMemory.discard(fixture.page(page), (long) count * PAGE);
    for (int i = 0; i < count; i++) {
      model[page + i] = 0;
    }
  }

  /** Moves a block of pages over another one, as mremap(MREMAP_FIXED) of a program does. */
  private void move(PagerFixture fixture, Random random) {
    int count = BLOCK; // a whole block always lies in one mapping, which mremap demands
    int from = random.nextInt(PAGES / BLOCK) * BLOCK;
    int to = (from + BLOCK * (1 + random.nextInt(PAGES / BLOCK - 1))) % PAGES;
    Pager pager = fixture.pager;
    long bytes = (long) count * PAGE;
    pager.drop(fixture.space, fixture.page(to), fixture.page(to + count));
    pager.hold(fixture.space, fixture.page(from), fixture.page(from + count));
    // or else the kernel may merge the moved mapping with a neighbour of its new place, and mremap
    // then takes the registration of both away
    Syscall.call(SYS_MADVISE, fixture.page(from), bytes, MADV_DONTDUMP);
    long moved = Syscall.call(SYS_MREMAP, fixture.page(from), bytes, bytes, 3, fixture.page(to), 0);
    assertEquals(fixture.page(to), moved);
    assertEquals(
        0, pager.register(fixture.space, fixture.page(to), fixture.page(to + count), false));
    Syscall.call(SYS_MADVISE, fixture.page(to), bytes, MADV_DODUMP);
    pager.move(fixture.space, fixture.page(from), fixture.page(to), bytes);
    pager.release(fixture.space, fixture.page(from), fixture.page(from + count));
    Syscall.call(SYS_MMAP, fixture.page(from), bytes, 3, 0x32, -1, 0);
    assertEquals(
        0, pager.register(fixture.space, fixture.page(from), fixture.page(from + count), false));
    for (int i = 0; i < count; i++) {
      model[to + i] = model[from + i];
      model[from + i] = 0;
    }
  }
}

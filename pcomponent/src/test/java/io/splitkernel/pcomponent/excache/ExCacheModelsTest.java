package io.splitkernel.pcomponent.excache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.pcomponent.Seeds;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cache's parts against short models, with random operations; seeds are in the messages. */
@Timeout(60)
class ExCacheModelsTest {
  private final long seed = Seeds.next();
  private final Random random = new Random(seed);

  @RepeatedTest(5)
  void shouldFindPageEntriesAsAMapDoes() {
    try (ChunkPool pool = new ChunkPool()) {
      PageTable table = new PageTable(pool);
      TreeMap<Long, Long> model = new TreeMap<>();
      for (int i = 0; i < 4000; i++) {
        long page = (random.nextLong() & 3) * (1L << 33) + random.nextInt(5000) * 131L;
        long entry = random.nextInt(4) == 0 ? 0 : random.nextLong();
        table.set(page, entry);
        model.put(page, entry);
      }
      model.values().removeIf(entry -> entry == 0);
      List<Long> found = new ArrayList<>();
      long page = table.nextPage(0, PageTable.PAGES_MAX);
      while (page != PageTable.NO_PAGE) {
        assertEquals(model.get(page), table.get(page), "seed " + seed);
        found.add(page);
        page = table.nextPage(page + 1, PageTable.PAGES_MAX);
      }
      assertEquals(new ArrayList<>(model.keySet()), found, "seed " + seed);
      table.close();
      assertEquals(0, pool.bytesInUse());
    }
  }

  @RepeatedTest(5)
  void shouldEvictInTheOrderOfArrivalExceptHotLines() {
    try (Lines lines = new Lines(64)) {
      ArrayDeque<Integer> model = new ArrayDeque<>();
      for (int i = 0; i < 5000; i++) {
        int choice = random.nextInt(4);
        if (choice < 2 && lines.available() > 0) {
          int line = lines.take(3, i);
          lines.enqueue(line, false);
          assertEquals(3, lines.space(line));
          assertEquals(i, lines.page(line));
          model.add(line);
        } else if (choice == 2 && !model.isEmpty()) {
          assertEquals(model.peek(), lines.oldest(), "seed " + seed);
          lines.dequeue(model.peek());
          lines.give(model.poll());
        } else if (!model.isEmpty()) {
          Integer middle = new ArrayList<>(model).get(random.nextInt(model.size()));
          model.remove(middle);
          model.add(middle);
          lines.requeue(middle);
        }
        assertEquals(model.size(), lines.queued());
        assertEquals(model.size(), lines.used());
      }
    }
  }

  @Test
  void shouldCoolAHotLineOnce() {
    try (Lines lines = new Lines(4)) {
      int line = lines.take(1, 1);
      lines.enqueue(line, true);
      for (int round = 0; round < 7; round++) {
        assertTrue(lines.cool(line), "round " + round);
      }
      assertFalse(lines.cool(line));
      assertEquals(1, lines.space(line));
      assertEquals(1, lines.page(line));
    }
  }

  @Test
  void shouldGrowBeyondTheLimitForForks() {
    try (Lines lines = new Lines(16)) {
      for (int i = 0; i < 1000; i++) {
        lines.enqueue(lines.take(1, i), false);
      }
      assertEquals(-984, lines.available());
      for (int i = 0; i < 1000; i++) {
        assertEquals(i, lines.page(lines.oldest()));
        lines.requeue(lines.oldest());
      }
    }
  }

  @RepeatedTest(5)
  void shouldCountReferencesToForeignSlotsAsAMapDoes() {
    try (ForeignSlots slots = new ForeignSlots(8)) {
      Map<Long, Integer> counts = new HashMap<>();
      Map<Long, Integer> records = new HashMap<>();
      for (int i = 0; i < 20_000; i++) {
        int space = 1 + random.nextInt(7);
        long page = random.nextInt(700);
        long key = (long) space << 48 | page;
        if (random.nextInt(5) < 3) {
          int record = slots.refer(space, page);
          counts.merge(key, 1, Integer::sum);
          records.put(key, record);
        } else if (counts.containsKey(key)) {
          boolean last = slots.release(records.get(key));
          assertEquals(counts.get(key) == 1, last, "seed " + seed);
          counts.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1);
        }
        int found = slots.find(space, page);
        assertEquals(counts.containsKey(key), found != ForeignSlots.NONE, "seed " + seed);
        assertEquals(counts.size(), slots.size());
      }
    }
  }

  @Test
  void shouldFindARenamedSlotUnderItsNewNameOnly() {
    try (ForeignSlots slots = new ForeignSlots(8)) {
      int record = slots.refer(1, 100);
      slots.rename(record, 2, 5);
      assertEquals(ForeignSlots.NONE, slots.find(1, 100));
      assertEquals(record, slots.find(2, 5));
      assertEquals(0, slots.ownedBy(1));
      assertEquals(1, slots.ownedBy(2));
    }
  }

  @Test
  void shouldWidenTheWindowOfAStreamAndLeaveRandomAccessAlone() {
    Streams streams = new Streams();
    List<Integer> windows = new ArrayList<>();
    long page = 1000;
    for (int i = 0; i < 8; i++) {
      int want = streams.onMiss(page, 32);
      assertEquals(want, streams.onMiss(page, 32), "asking again");
      windows.add(want);
      streams.took(want);
      page += want;
    }
    assertEquals(List.of(1, 2, 4, 8, 16, 32, 32, 32), windows);
    for (int i = 0; i < 1000; i++) {
      assertEquals(1, streams.onMiss(random.nextInt(1 << 30) * 2L, 32), "seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {2, 3, 64, 512, -1, -7})
  void shouldFollowAStrideForwardsAndBackwards(long stride) {
    Streams streams = new Streams();
    List<Integer> windows = new ArrayList<>();
    long page = 100_000;
    for (int i = 0; i < 7; i++) {
      int want = streams.onMiss(page, 16);
      windows.add(want);
      streams.took(want);
      page += want * streams.stride();
      if (i < 2) {
        assertEquals(1, streams.stride());
        page += stride - 1;
      } else {
        assertEquals(stride, streams.stride());
      }
    }
    assertEquals(List.of(1, 1, 2, 4, 8, 16, 16), windows);
  }

  @Test
  void shouldNotTakeTheDistanceOfNeighbouringStreamsForTheirStride() {
    Streams streams = new Streams();
    for (int i = 0; i < 6; i++) {
      for (int stream = 0; stream < 3; stream++) {
        int want = streams.onMiss(stream * 100L + i, 2);
        if (i > 0) {
          assertEquals(2, want, "stream " + stream + " at " + i);
          assertEquals(1, streams.stride(), "stream " + stream + " at " + i);
        }
      }
    }
  }

  @Test
  void shouldFollowSeveralStreamsAtOnce() {
    Streams streams = new Streams();
    for (int i = 0; i < 5; i++) {
      for (int stream = 0; stream < 3; stream++) {
        int want = streams.onMiss(stream * 10_000L + i, 2);
        assertEquals(i == 0 ? 1 : 2, want);
      }
    }
  }

  @Test
  void shouldKeepItsBooksInLessThanOnePercentOfTheMemoryInUse() {
    int pages = 1 << 16;
    try (ExCache cache = new ExCache(pages / 4 * 3 / 4, pages / 16, 4096, 4)) {
      SpacePages space = cache.open(1);
      for (int page = 0; page < pages; page++) {
        space.table().set(page, PageEntry.with(PageEntry.NONE, PageState.REMOTE, 0));
      }
      double share = cache.tableBytes() / (pages * 4096.0);
      assertTrue(share < 0.01, "tables take " + share + " of the memory in use");
    }
  }

  @Test
  void shouldRefuseAnIllegalTransition() {
    try (ExCache cache = new ExCache(16, 8, 4096, 4)) {
      SpacePages space = cache.open(1);
      long remote = PageEntry.with(PageEntry.NONE, PageState.EVICTING, 0);
      AssertionError error =
          assertThrows(AssertionError.class, () -> cache.put(space, 7, PageEntry.NONE, remote));
      assertTrue(error.getMessage().contains("EMPTY to EVICTING"), error.getMessage());
      assertTrue(error.getMessage().contains("0x7000"), error.getMessage());
    }
  }

  @Test
  void shouldKeepAllPartsOfAnEntryApart() {
    long entry = PageEntry.with(PageEntry.NONE, PageState.FETCHING, PageEntry.LINE_MAX);
    entry = PageEntry.withForeign(entry, PageEntry.FOREIGN_MAX) | PageEntry.DIRTY;
    assertEquals(PageState.FETCHING, PageEntry.state(entry));
    assertEquals(PageEntry.LINE_MAX, PageEntry.line(entry));
    assertEquals(PageEntry.FOREIGN_MAX, PageEntry.foreign(entry));
    assertTrue(PageEntry.has(entry, PageEntry.DIRTY));
    assertFalse(PageEntry.has(entry, PageEntry.SHARED));
    assertEquals(0, PageEntry.foreign(PageEntry.withForeign(entry, 0)));
  }
}

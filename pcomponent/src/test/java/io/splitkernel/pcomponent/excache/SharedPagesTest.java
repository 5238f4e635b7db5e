package io.splitkernel.pcomponent.excache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.RawMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a fork shares, in the books. */
@Timeout(60)
class SharedPagesTest {
  private static final int FRAMES = 8;

  private final long memory = RawMemory.map(FRAMES * 4096L);
  private final ExCache cache = new ExCache(4, FRAMES, memory, 8);
  private final SpacePages parent = cache.open(1);
  private final SpacePages child = cache.open(2);

  @AfterEach
  void close() {
    cache.close();
    RawMemory.unmap(memory, FRAMES * 4096L);
  }

  private long entry(SpacePages space, long page) {
    return space.table().get(page);
  }

  private void evict(SpacePages space, long page) {
    int frame = cache.takeFrame(space.number(), page, Frames.Use.EVICTING, 0);
    cache.transits().makeEvicting(space, page, entry(space, page), frame);
    cache.transits().makeVictim(space, page, entry(space, page));
    space.addEvicting(-1);
  }

  @Test
  void shouldOweCopiesAndLeaveTheLimitToFaults() {
    for (long page = 10; page < 13; page++) {
      cache.makeResident(parent, page, PageEntry.NONE, true, false);
      cache.makeCopy(child, page, PageEntry.line(entry(parent, page)));
    }
    assertEquals(3, cache.inUse());
    assertEquals(1, cache.lines().available());
    assertEquals(2, cache.lines().debt());
    assertTrue(cache.lines().isBehindOriginal(PageEntry.line(entry(child, 11))));
    evict(parent, 11);
    assertFalse(cache.lines().isBehindOriginal(PageEntry.line(entry(child, 11))));
    evict(child, 11);
    assertEquals(4, cache.inUse());
    assertEquals(2, cache.lines().copies());
    assertEquals(0, cache.lines().debt());
    assertEquals(2, cache.lines().available());
  }

  @Test
  void shouldKeepTheContentOfADirtyVictimForBothUntilBothHaveLeftIt() {
    cache.makeResident(parent, 10, PageEntry.NONE, true, false);
    evict(parent, 10);
    int frame = PageEntry.line(entry(parent, 10));
    cache.makeRemote(child, 10, cache.shares().refer(parent, 10));
    assertEquals(1, cache.inUse());
    assertEquals(frame, cache.shares().frame(entry(parent, 10)));
    assertEquals(frame, cache.shares().frame(entry(child, 10)));
    cache.makeResident(parent, 10, entry(parent, 10), true, false);
    assertEquals(2, cache.inUse());
    assertEquals(frame, cache.shares().frame(entry(child, 10)));
    assertEquals(Frames.Use.DIRTY, cache.frames().use(frame));
    cache.makeEmpty(child, 10, entry(child, 10));
    assertEquals(Frames.Use.FREE, cache.frames().use(frame));
    assertEquals(1, cache.inUse());
    assertEquals(0, cache.foreign().size());
  }

  @Test
  void shouldReferToTheSlotOfAVictimThatIsWritten() {
    cache.makeResident(parent, 10, PageEntry.NONE, true, false);
    evict(parent, 10);
    int frame = PageEntry.line(entry(parent, 10));
    cache.transits().makeWriting(parent, 10, entry(parent, 10), frame);
    cache.makeRemote(child, 10, cache.shares().refer(parent, 10));
    assertEquals(PageState.VICTIM, PageEntry.state(entry(parent, 10)));
    assertEquals(Frames.NONE, cache.shares().frame(entry(child, 10)));
    assertEquals(1, cache.foreign().space(PageEntry.foreign(entry(child, 10))));
  }
}

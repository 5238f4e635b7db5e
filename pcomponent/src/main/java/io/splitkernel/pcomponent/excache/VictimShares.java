package io.splitkernel.pcomponent.excache;

/**
 * Contents in local frames to which several pages refer: a dirty victim that a fork has shared, and
 * a copy that leaves its process unchanged after its original. The frame belongs to a slot of the
 * pager's own then, and the pages refer to that. Pager thread.
 */
public final class VictimShares {
  private final ExCache cache;

  VictimShares(ExCache cache) {
    this.cache = cache;
  }

  /**
   * Refers to the content of a victim on behalf of another page: to its slot when that is as good,
   * which it is from the moment a WRITE is posted, since transfers of a slot keep their order; else
   * to a slot of the pager's own.
   *
   * @return the record.
   */
  public int refer(SpacePages space, long page) {
    long entry = space.table().get(page);
    int record = PageEntry.foreign(entry);
    Frames.Use use = cache.frames().use(PageEntry.line(entry));
    if (record == ForeignSlots.NONE && use != Frames.Use.DIRTY && use != Frames.Use.BLOCKED) {
      return cache.slots().share(space, page);
    }
    record = record == ForeignSlots.NONE ? give(space, page) : record;
    cache.foreign().referAgain(record);
    return record;
  }

  /**
   * The content of a dirty victim goes to a slot of the pager's own, to which its page refers from
   * now on, so that others can refer to it as well. It stays in its frame, as that slot's victim.
   *
   * @return the record of the slot.
   */
  private int give(SpacePages space, long page) {
    int owner = cache.slots().poolSpace();
    SpacePages pool = cache.space(owner);
    Frames frames = cache.frames();
    long before = space.table().get(page);
    int frame = PageEntry.line(before);
    long poolPage = cache.slots().takePoolPage();
    int record = cache.foreign().refer(owner, poolPage);
    cache.put(space, page, before, remote(before, record));
    long empty = pool.table().get(poolPage);
    long victim = PageEntry.with(empty, PageState.VICTIM, frame) | PageEntry.DIRTY;
    cache.put(pool, poolPage, empty, victim);
    frames.tag(frame, owner, poolPage);
    if (frames.use(frame) == Frames.Use.BLOCKED) {
      frames.become(frame, Frames.Use.DIRTY); // what it waited for was another slot
    }
    return record;
  }

  /** The content of a victim is what a record names, to which the caller has referred. */
  public void join(SpacePages space, long page, int record) {
    cache.releaseFrame(PageEntry.line(space.table().get(page)));
    long before = cache.dropForeign(space.table().get(page));
    cache.put(space, page, space.table().get(page), remote(before, record));
  }

  private static long remote(long before, int record) {
    long after = PageEntry.with(before, PageState.REMOTE, 0) & ~(PageEntry.DIRTY | PageEntry.SLOT);
    return PageEntry.withForeign(after, record);
  }

  /** The frame that holds the content of a page that refers to a foreign slot, or none. */
  public int frame(long entry) {
    int record = PageEntry.foreign(entry);
    ForeignSlots foreign = cache.foreign();
    if (record == ForeignSlots.NONE || foreign.space(record) != cache.slots().poolSpace()) {
      return Frames.NONE;
    }
    long owner = cache.space(cache.slots().poolSpace()).table().get(foreign.page(record));
    return PageEntry.is(owner, PageState.VICTIM) ? PageEntry.line(owner) : Frames.NONE;
  }
}

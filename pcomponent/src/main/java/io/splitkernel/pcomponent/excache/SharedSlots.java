package io.splitkernel.pcomponent.excache;

/**
 * Slots that pages of other spaces or addresses refer to, and the pager's own ones, in which
 * content stays that has lost its owner. Pager thread.
 */
public final class SharedSlots implements AutoCloseable {
  private final ExCache cache;
  private final ForeignSlots foreign;
  private final int poolSpace;
  private final PageNumbers poolPages = new PageNumbers();

  SharedSlots(ExCache cache, int poolSpace) {
    this.cache = cache;
    this.foreign = cache.foreign();
    this.poolSpace = poolSpace;
  }

  /** Refers to the own slot of a page, whose content is remote or a clean victim. */
  public int share(SpacePages space, long page) {
    space.table().set(page, space.table().get(page) | PageEntry.SHARED);
    return foreign.refer(space.number(), page);
  }

  /** Ends one reference to a record. */
  public void release(int record) {
    int owner = foreign.space(record);
    long page = foreign.page(record);
    if (foreign.release(record)) {
      if (owner == poolSpace) {
        givePoolPage(page);
      } else {
        unshare(owner, page);
      }
    }
  }

  private void unshare(int owner, long page) {
    SpacePages pages = cache.space(owner);
    if (pages != null) {
      long entry = pages.table().get(page);
      pages.table().set(page, entry & ~PageEntry.SHARED);
    }
  }

  /** Number under which the pager's own slots are kept. */
  public int poolSpace() {
    return poolSpace;
  }

  /** A slot of the pager's own. */
  public long takePoolPage() {
    return poolPages.take();
  }

  /** Gives a slot of the pager's own back. */
  public void givePoolPage(long page) {
    SpacePages pool = cache.space(poolSpace);
    cache.makeEmpty(pool, page, pool.table().get(page));
    poolPages.give(page);
  }

  /** The content of a record's slot is in a slot of the pager's own now. */
  public void rescued(int record, long poolPage) {
    unshare(foreign.space(record), foreign.page(record));
    foreign.rename(record, poolSpace, poolPage);
    SpacePages pool = cache.space(poolSpace);
    cache.put(pool, poolPage, PageEntry.NONE, PageEntry.with(PageEntry.NONE, PageState.REMOTE, 0));
  }

  /** Bytes of the table. */
  long tableBytes() {
    return poolPages.tableBytes();
  }

  @Override
  public void close() {
    poolPages.close();
  }
}

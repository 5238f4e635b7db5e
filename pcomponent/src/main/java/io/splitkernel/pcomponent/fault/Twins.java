package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.RawMemory;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.ForeignSlots;
import io.splitkernel.pcomponent.excache.Frames;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageState;
import io.splitkernel.pcomponent.excache.PageTable;

/**
 * Keeps what a fork shares in memory shared when it leaves: a child's page that is what its
 * parent's page was, which has left just before and is in its frame still, refers to the parent's
 * content, and takes no memory of its own and no transfer. Copies are queued behind their originals
 * for that. Nobody tells which copies have been written to, so the bytes are compared. Pager
 * thread, data path.
 */
final class Twins {
  private final PagerState state;
  private final ExCache cache;
  private final Frames frames;

  Twins(PagerState state) {
    this.state = state;
    this.cache = state.cache;
    this.frames = state.cache.frames();
  }

  /** A copy has become a victim: joins it with its parent's page when they are the same. */
  void join(Space child, long page) {
    Space parent = child.parent;
    if (parent == null || state.live(parent.number()) != parent) {
      return;
    }
    long twin = parent.pages.table().get(page);
    boolean shared = PageEntry.is(twin, PageState.REMOTE);
    if (!shared && !PageEntry.is(twin, PageState.VICTIM)) {
      return;
    }
    int frame = shared ? cache.shares().frame(twin) : PageEntry.line(twin);
    int own = PageEntry.line(child.pages.table().get(page));
    if (frame != Frames.NONE && areEqual(frames.address(frame), frames.address(own))) {
      int record = shared ? PageEntry.foreign(twin) : ForeignSlots.NONE;
      if (record == ForeignSlots.NONE) {
        record = cache.shares().refer(parent.pages, page);
      } else {
        cache.foreign().referAgain(record);
      }
      cache.shares().join(child.pages, page, record);
    }
  }

  private static boolean areEqual(long one, long other) {
    int at = 0;
    while (at < PageTable.PAGE_BYTES
        && RawMemory.getLong(one + at) == RawMemory.getLong(other + at)) {
      at += Long.BYTES;
    }
    return at == PageTable.PAGE_BYTES;
  }
}

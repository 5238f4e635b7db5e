package io.splitkernel.pcomponent.excache;

/**
 * The transitions of pages that are on their way: to the evictor and into their frame, to their
 * slot, and back from remote memory. Pager thread.
 */
public final class Transits {
  private final ExCache cache;
  private final Lines lines;
  private final Frames frames;

  Transits(ExCache cache) {
    this.cache = cache;
    this.lines = cache.lines();
    this.frames = cache.frames();
  }

  /** A resident page goes to the evictor, with a frame for its content. */
  public void makeEvicting(SpacePages space, long page, long before, int frame) {
    int line = PageEntry.line(before);
    lines.dequeue(line);
    lines.frame(line, frame);
    cache.put(space, page, before, PageEntry.with(before, PageState.EVICTING, line));
    space.addEvicting(1);
  }

  /** An evicted page is in its frame. */
  public void makeVictim(SpacePages space, long page, long before) {
    int line = PageEntry.line(before);
    int frame = lines.frame(line);
    lines.give(line);
    long after = PageEntry.with(before, PageState.VICTIM, frame) & ~PageEntry.COPY;
    cache.put(space, page, before, after);
    frames.become(
        frame, PageEntry.has(before, PageEntry.DIRTY) ? Frames.Use.DIRTY : Frames.Use.CLEAN);
  }

  /**
   * An eviction failed: the page stays, at the young end.
   *
   * @param pinned whether it is best left alone for one more round.
   */
  public void stay(SpacePages space, long page, long before, boolean pinned) {
    int line = PageEntry.line(before);
    cache.releaseFrame(lines.frame(line));
    cache.put(space, page, before, PageEntry.with(before, PageState.RESIDENT, line));
    lines.enqueue(line, pinned);
  }

  /** A remote page is being read into a frame; it takes a line. */
  public void makeFetching(SpacePages space, long page, long before, int frame) {
    int line = lines.take(space.number(), page);
    lines.frame(line, frame);
    cache.put(space, page, before, PageEntry.with(before, PageState.FETCHING, line));
    space.addReading(1);
  }

  /** A read of one page has failed: nothing is in its frame, the page is where it was. */
  public void makeUnread(SpacePages space, long page, long before) {
    frames.become(lines.frame(PageEntry.line(before)), Frames.Use.FREE);
    makeRemoteAgain(space, page, before);
  }

  /** A read has ended well; the page stays in its frame as a clean victim, its line is free. */
  public void makeVictimOfRead(SpacePages space, long page, long before) {
    int line = PageEntry.line(before);
    int frame = lines.frame(line);
    lines.give(line);
    cache.put(space, page, before, PageEntry.with(before, PageState.VICTIM, frame));
    frames.become(frame, Frames.Use.CLEAN);
  }

  /** A read has ended without use; the page is where it was, its line is free. */
  public void makeRemoteAgain(SpacePages space, long page, long before) {
    lines.give(PageEntry.line(before));
    cache.put(space, page, before, PageEntry.with(before, PageState.REMOTE, 0));
  }

  /** A dirty victim is being written to its own slot, which counts as valid from now on. */
  public void makeWriting(SpacePages space, long page, long before, int frame) {
    frames.become(frame, Frames.Use.WRITING);
    cache.put(space, page, before, (before & ~PageEntry.DIRTY) | PageEntry.SLOT);
    space.addWriting(1);
  }
}

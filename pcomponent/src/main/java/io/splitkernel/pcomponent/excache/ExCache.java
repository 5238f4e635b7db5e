package io.splitkernel.pcomponent.excache;

/**
 * The state of all pages: lines, frames, foreign slots, and the page entries of every space,
 * changed only through guarded transitions that keep them consistent. What a transition frees is
 * freed here. No input or output happens here. Pager thread.
 */
public final class ExCache implements AutoCloseable {
  private final Lines lines;
  private final Frames frames;
  private final ForeignSlots foreign;
  private final ChunkPool chunks = new ChunkPool();
  private final VictimShares shares = new VictimShares(this);
  private final SpacePages[] spaces;
  private final SharedSlots slots;
  private final Transits transits;
  private int reservedFrames;
  private long inUse;

  /**
   * @param linesLimit pages that may be resident.
   * @param frameCount local frames.
   * @param framesBase address of the first frame.
   * @param spacesMax largest space number; the one after it names the pager's own slots.
   */
  public ExCache(int linesLimit, int frameCount, long framesBase, int spacesMax) {
    lines = new Lines(linesLimit);
    frames = new Frames(frameCount, framesBase);
    foreign = new ForeignSlots(spacesMax + 2);
    spaces = new SpacePages[spacesMax + 2];
    open(spacesMax + 1);
    slots = new SharedSlots(this, spacesMax + 1);
    transits = new Transits(this);
  }

  /** Resident lines. */
  public Lines lines() {
    return lines;
  }

  /** Local frames. */
  public Frames frames() {
    return frames;
  }

  /** Slots referred to by pages of other spaces or addresses. */
  public ForeignSlots foreign() {
    return foreign;
  }

  /** What pages share of each other's victims. */
  public VictimShares shares() {
    return shares;
  }

  /** Slots that pages refer to, and the pager's own. */
  public SharedSlots slots() {
    return slots;
  }

  /** The transitions of pages that are on their way. */
  public Transits transits() {
    return transits;
  }

  /** Pages of all spaces that are not empty. */
  public long inUse() {
    return inUse;
  }

  /** Pages of programs that lines and frames hold locally now. */
  public long localPages() {
    return (long) lines.used() + frames.count() - frames.freeCount() - reservedFrames;
  }

  /** Sets a frame aside for good; it counts as no program's. */
  public int reserveFrame() {
    reservedFrames++;
    return frames.take(slots.poolSpace(), 0, Frames.Use.READING);
  }

  /** Bytes of all tables: what it costs to know where every page is. */
  public long tableBytes() {
    return chunks.bytesInUse()
        + lines.tableBytes()
        + frames.tableBytes()
        + foreign.tableBytes()
        + slots.tableBytes();
  }

  /** Begins a space. */
  public SpacePages open(int number) {
    SpacePages pages = new SpacePages(number, new PageTable(chunks));
    spaces[number] = pages;
    return pages;
  }

  /** Pages of a space, or null when it has ended. */
  public SpacePages space(int number) {
    return spaces[number];
  }

  /** Sets an entry, guarding the state machine. */
  public void put(SpacePages space, long page, long before, long after) {
    PageState from = PageEntry.state(before);
    PageState to = PageEntry.state(after);
    assert from.mayBecome(to)
        : "page 0x"
            + Long.toHexString(page << 12)
            + " of space "
            + space.number()
            + ": "
            + from
            + " to "
            + to;
    int delta = weight(after) - weight(before);
    inUse += delta;
    space.addInUse(delta);
    space.table().set(page, after);
  }

  /** A page that refers to the content of another's slot, or shares it, takes no memory itself. */
  private static int weight(long entry) {
    return PageEntry.is(entry, PageState.EMPTY)
            || PageEntry.foreign(entry) != ForeignSlots.NONE
            || PageEntry.has(entry, PageEntry.COPY)
        ? 0
        : 1;
  }

  /**
   * A page is in the program from now on; takes a line unless it has one (FETCHING). A frame that
   * held it is freed.
   *
   * @param dirty whether the program may write to it without a fault.
   * @param hot whether it came back from the victim area.
   */
  public void makeResident(SpacePages space, long page, long before, boolean dirty, boolean hot) {
    PageState from = PageEntry.state(before);
    int line;
    if (from == PageState.FETCHING) {
      line = PageEntry.line(before);
    } else {
      if (from == PageState.VICTIM) {
        releaseFrame(PageEntry.line(before));
      }
      line = lines.take(space.number(), page);
    }
    long after = PageEntry.with(before, PageState.RESIDENT, line);
    put(space, page, before, dirty ? dirtied(after) : after & ~PageEntry.DIRTY);
    lines.enqueue(line, hot);
  }

  /**
   * An empty page of a forked child is resident, as that of its parent is.
   *
   * @param of the line of the parent's page, behind which it is queued, or {@link Lines#NONE}.
   */
  public void makeCopy(SpacePages space, long page, int of) {
    long before = space.table().get(page);
    int line = lines.takeCopy(of, space.number(), page);
    long after = PageEntry.with(before, PageState.RESIDENT, line);
    put(space, page, before, after | PageEntry.DIRTY | PageEntry.COPY);
  }

  /** A resident page goes to another, empty page of its space; it is dirty there. */
  public void moveResident(SpacePages space, long from, long to) {
    long before = space.table().get(from);
    int line = PageEntry.line(before);
    long copy = before & PageEntry.COPY;
    dropForeign(before);
    put(space, from, before, PageEntry.emptied(space.table().get(from)));
    long target = space.table().get(to);
    long after = PageEntry.with(target, PageState.RESIDENT, line);
    put(space, to, target, after | PageEntry.DIRTY | copy);
    lines.retag(line, space.number(), to);
    lines.requeue(line);
  }

  /** A resident page may be written to from now on. */
  public void makeDirty(SpacePages space, long page, long before) {
    put(space, page, before, dirtied(before));
  }

  private long dirtied(long entry) {
    return dropForeign(entry) | PageEntry.DIRTY;
  }

  /** The entry without its foreign slot, whose reference ends. */
  long dropForeign(long entry) {
    int record = PageEntry.foreign(entry);
    if (record == ForeignSlots.NONE) {
      return entry;
    }
    slots.release(record);
    return PageEntry.withForeign(entry, ForeignSlots.NONE) & ~PageEntry.SLOT;
  }

  /** An empty page has its content in a foreign slot, to which the caller has referred. */
  public void makeRemote(SpacePages space, long page, int record) {
    long before = space.table().get(page);
    long after = PageEntry.with(before, PageState.REMOTE, 0);
    put(space, page, before, PageEntry.withForeign(after, record));
  }

  /** A victim that is not being written goes to another, empty page; it is dirty there. */
  public void moveVictim(SpacePages space, long from, long to) {
    long before = space.table().get(from);
    int frame = PageEntry.line(before);
    dropForeign(before);
    put(space, from, before, PageEntry.emptied(space.table().get(from)));
    long target = space.table().get(to);
    put(space, to, target, PageEntry.with(target, PageState.VICTIM, frame) | PageEntry.DIRTY);
    frames.tag(frame, space.number(), to);
    if (frames.use(frame) == Frames.Use.CLEAN) {
      frames.become(frame, Frames.Use.DIRTY);
    }
  }

  /** Forgets the content of a page and frees what held it locally. Not while it is EVICTING. */
  public void makeEmpty(SpacePages space, long page, long before) {
    switch (PageEntry.state(before)) {
      case EMPTY -> {
        return;
      }
      case RESIDENT -> {
        int line = PageEntry.line(before);
        lines.dequeue(line);
        lines.give(line);
      }
      case VICTIM -> releaseFrame(PageEntry.line(before));
      case REMOTE -> {}
      case EVICTING, FETCHING -> {
        int line = PageEntry.line(before);
        releaseFrame(lines.frame(line));
        lines.give(line);
      }
    }
    // read again: releasing may have cleared the SHARED bit of this very entry
    dropForeign(before);
    long shared = PageEntry.emptied(space.table().get(page));
    put(space, page, before, shared);
  }

  /** Frees a frame, now or when its transfer ends. */
  public void releaseFrame(int frame) {
    switch (frames.use(frame)) {
      case WRITING, READING -> frames.orphan(frame);
      case FREE, EVICTING, CLEAN, DIRTY, BLOCKED -> frames.become(frame, Frames.Use.FREE);
    }
  }

  /**
   * Takes a frame for a page, from the free ones or from the oldest clean victim, whose page is
   * remote from now on.
   *
   * @param reserve frames that must be left for others.
   * @return the frame, or {@link Frames#NONE}.
   */
  public int takeFrame(int space, long page, Frames.Use use, int reserve) {
    if (frames.freeCount() + frames.cleanCount() <= reserve) {
      return Frames.NONE;
    }
    if (frames.freeCount() == 0) {
      reclaim(frames.oldestClean());
    }
    return frames.take(space, page, use);
  }

  private void reclaim(int frame) {
    SpacePages owner = spaces[frames.space(frame)];
    long page = frames.page(frame);
    long entry = owner.table().get(page);
    put(owner, page, entry, PageEntry.with(entry, PageState.REMOTE, 0));
    frames.become(frame, Frames.Use.FREE);
  }

  /**
   * Ends a space: everything it holds is freed, nothing of it is under way.
   *
   * @return pages of it that had a content but were not in the program's memory.
   */
  public long close(SpacePages space) {
    assert space.evicting() == 0 && space.reading() == 0 && space.writing() == 0;
    PageTable table = space.table();
    long page = table.nextPage(0, PageTable.PAGES_MAX);
    long away = 0;
    while (page != PageTable.NO_PAGE) {
      long entry = table.get(page);
      PageState at = PageEntry.state(entry);
      away += at == PageState.REMOTE || at == PageState.VICTIM ? 1 : 0;
      makeEmpty(space, page, entry);
      page = table.nextPage(page + 1, PageTable.PAGES_MAX);
    }
    spaces[space.number()] = null;
    table.close();
    return away;
  }

  @Override
  public void close() {
    lines.close();
    frames.close();
    foreign.close();
    chunks.close();
    slots.close();
  }
}

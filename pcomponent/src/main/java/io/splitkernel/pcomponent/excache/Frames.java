package io.splitkernel.pcomponent.excache;

/**
 * The local frames: 4 KiB pieces of registered memory that hold victims, pages being evicted and
 * pages being read. Free frames are reused last-in-first-out (warm), clean victims oldest first,
 * dirty victims are written back oldest first. Pager thread.
 */
public final class Frames implements AutoCloseable {
  /** No frame. */
  public static final int NONE = Fifo.NONE;

  /** What a frame is used for. */
  public enum Use {
    /** Nothing. */
    FREE,
    /** Target of an eviction under way. */
    EVICTING,
    /** Target of a READ under way. */
    READING,
    /** A victim whose content is in a remote slot too. */
    CLEAN,
    /** A victim whose content is only here. */
    DIRTY,
    /** A dirty victim that waits until its remote slot can be written. */
    BLOCKED,
    /** A victim whose WRITE is under way. */
    WRITING
  }

  private static final int SPACE_SHIFT = 48;
  private static final long ORPHAN = 1L << 47;
  private static final long PAGE_MASK = ORPHAN - 1;
  private static final Use[] USES = Use.values();

  private final int count;
  private final long base;
  private final LongTable tags;
  private final LongTable links;
  private final LongTable waits;
  private final byte[] uses;
  private final int[] generations;
  private final Fifo free;
  private final Fifo clean;
  private final Fifo dirty;
  private final Fifo blocked;

  /**
   * @param count number of frames.
   * @param base address of the first, in registered memory.
   */
  public Frames(int count, long base) {
    this.count = count;
    this.base = base;
    tags = new LongTable(count);
    links = new LongTable(count);
    waits = new LongTable(count);
    uses = new byte[count];
    generations = new int[count];
    free = new Fifo(links);
    clean = new Fifo(links);
    dirty = new Fifo(links);
    blocked = new Fifo(links);
    for (int i = 0; i < count; i++) {
      free.addTail(i);
    }
  }

  /** Number of frames. */
  public int count() {
    return count;
  }

  /** Address of a frame. */
  public long address(int frame) {
    return base + (long) frame * PageTable.PAGE_BYTES;
  }

  /** Frames that hold nothing. */
  public int freeCount() {
    return free.size();
  }

  /** Frames that hold a clean victim. */
  public int cleanCount() {
    return clean.size();
  }

  /** Frames that hold a dirty victim which nobody writes back yet. */
  public int dirtyCount() {
    return dirty.size();
  }

  /** Frames that hold a dirty victim which cannot be written back yet. */
  public int blockedCount() {
    return blocked.size();
  }

  /** Use of a frame. */
  public Use use(int frame) {
    return USES[uses[frame]];
  }

  /** Changes with every use, so that a late completion can be told. */
  public int generation(int frame) {
    return generations[frame];
  }

  /** Takes a free frame for a page, or {@link #NONE}. */
  public int take(int space, long page, Use use) {
    int frame = free.poll();
    if (frame != NONE) {
      generations[frame]++;
      tag(frame, space, page);
      waits.set(frame, 0);
      uses[frame] = (byte) use.ordinal();
    }
    return frame;
  }

  /** A new use of a frame that stays taken: late completions of the old use are stale. */
  public void renew(int frame) {
    generations[frame]++;
  }

  /** A new use, for another page, of a frame that stays taken; nobody waits for it yet. */
  public void reuse(int frame, int space, long page) {
    tag(frame, space, page);
    waits.set(frame, 0);
  }

  /** Space of a frame. */
  public int space(int frame) {
    return (int) (tags.get(frame) >>> SPACE_SHIFT);
  }

  /** Page of a frame. */
  public long page(int frame) {
    return tags.get(frame) & PAGE_MASK;
  }

  /** Gives a frame to another page. */
  public void tag(int frame, int space, long page) {
    tags.set(frame, ((long) space << SPACE_SHIFT) | page);
  }

  /** The page of a frame needs it no more; it is free when its transfer ends. */
  public void orphan(int frame) {
    tags.set(frame, tags.get(frame) | ORPHAN);
  }

  /** Whether {@link #orphan} was called for this use. */
  public boolean isOrphan(int frame) {
    return (tags.get(frame) & ORPHAN) != 0;
  }

  /** Oldest clean victim, or {@link #NONE}. */
  public int oldestClean() {
    return clean.head();
  }

  /** Oldest dirty victim, or {@link #NONE}. */
  public int oldestDirty() {
    return dirty.head();
  }

  /** The next younger dirty victim, or {@link #NONE}. */
  public int youngerDirty(int frame) {
    return dirty.next(frame);
  }

  /** Moves a frame to another use and its queue. */
  public void become(int frame, Use to) {
    Fifo from = queue(use(frame));
    if (from != null) {
      from.remove(frame);
    }
    uses[frame] = (byte) to.ordinal();
    if (to == Use.FREE) {
      free.addHead(frame);
    } else {
      Fifo queue = queue(to);
      if (queue != null) {
        queue.addTail(frame);
      }
    }
  }

  /** Lets every blocked frame try again. */
  public void unblock() {
    while (blocked.head() != NONE) {
      become(blocked.head(), Use.DIRTY);
    }
  }

  private Fifo queue(Use use) {
    return switch (use) {
      case FREE -> free;
      case CLEAN -> clean;
      case DIRTY -> dirty;
      case BLOCKED -> blocked;
      case EVICTING, READING, WRITING -> null;
    };
  }

  /**
   * Notes that a fault waits for what happens in a frame.
   *
   * @param startNs when the fault was read; the first one counts.
   * @param kinds bits of the fault, joined with those noted before; not 0.
   */
  public void await(int frame, long startNs, int kinds) {
    long before = waits.get(frame);
    long start = before == 0 ? startNs << 4 : before & ~0xFL;
    waits.set(frame, start | (before & 0xF) | kinds);
  }

  /** Joined bits of the faults that wait, 0 when none does. */
  public int waitKinds(int frame) {
    return (int) (waits.get(frame) & 0xF);
  }

  /** When the first waiting fault was read. */
  public long waitStartNs(int frame) {
    return waits.get(frame) >> 4;
  }

  /** Bytes of the tables. */
  long tableBytes() {
    return tags.bytes() + links.bytes() + waits.bytes();
  }

  @Override
  public void close() {
    tags.close();
    links.close();
    waits.close();
  }
}

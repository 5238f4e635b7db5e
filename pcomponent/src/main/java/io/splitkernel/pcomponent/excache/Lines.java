package io.splitkernel.pcomponent.excache;

/**
 * The resident lines: one for every page that is in a program's memory, or about to be. Each has
 * its virtual tag (space, page); the evictable ones stand in a first-in-first-out queue, oldest
 * first. A line that came back from the victim area is hot and gets seven more rounds: coming back
 * costs a fault, and twice as many of them were seen with one round. Pager thread.
 *
 * <p>Copies are the lines that a fork has added: what was resident in the parent is resident in the
 * child too. The kernel shares the memory of both until one writes, so right after a fork they cost
 * nothing, and they must not keep faults from being served. They are a debt: the limit holds for
 * the other lines, whatever the copies are, and eviction goes on in the background until all lines
 * together are within the limit. A line that a fault takes is never a copy, and a copy that has
 * left does not come back as one, so the number of lines is at most the limit and the copies that
 * are left, and it is back within the limit as soon as eviction has caught up.
 */
public final class Lines implements AutoCloseable {
  /** No line. */
  public static final int NONE = Fifo.NONE;

  private static final int HEAT_SHIFT = 45;
  private static final long HEAT_ONE = 1L << HEAT_SHIFT;
  private static final long HEAT_MASK = 7L << HEAT_SHIFT;
  private static final int SPACE_SHIFT = 48;
  private static final long COPY = 1L << 44;
  private static final long PAGE_MASK = COPY - 1;

  private final int limit;
  private final LongTable tags;
  private final LongTable links;
  private final Fifo free;
  private final Fifo queue;
  private int capacity;
  private int fresh;
  private int used;
  private int copies;

  /**
   * @param limit lines that faults may use; forks may exceed it for as long as eviction takes.
   */
  public Lines(int limit) {
    this.limit = limit;
    this.capacity = limit;
    this.tags = new LongTable(limit);
    this.links = new LongTable(limit);
    this.free = new Fifo(links);
    this.queue = new Fifo(links);
  }

  /** Lines that faults may use. */
  public int limit() {
    return limit;
  }

  /** Bytes of the tables. */
  long tableBytes() {
    return tags.bytes() + links.bytes();
  }

  /** Lines in use. */
  public int used() {
    return used;
  }

  /** Lines in use that are copies. */
  public int copies() {
    return copies;
  }

  /** Lines that a fault may still take; copies do not count. */
  public int available() {
    return limit - used + copies;
  }

  /** Lines that copies have added beyond the limit. */
  public int debt() {
    return copies == 0 ? 0 : Math.max(0, used - limit);
  }

  /**
   * Takes a copy for a page of a forked child, and queues it: behind the line of which it is one,
   * so that both leave at about the same time, or at the young end when that is {@link #NONE}.
   */
  public int takeCopy(int of, int space, long page) {
    int line = take(space, page);
    long heat = of == NONE ? 0 : tags.get(of) & HEAT_MASK;
    tags.set(line, tags.get(line) | COPY | heat);
    copies++;
    if (of == NONE) {
      queue.addTail(line);
    } else {
      queue.addAfter(of, line);
    }
    return line;
  }

  /** Takes a line for a page; it is not in the queue yet. Beyond the limit it grows the table. */
  public int take(int space, long page) {
    int line = free.poll();
    if (line == Fifo.NONE) {
      if (fresh == capacity) {
        capacity = Math.min(PageEntry.LINE_MAX, capacity + capacity / 2 + 64);
        tags.growTo(capacity);
        links.growTo(capacity);
      }
      line = fresh++;
    }
    used++;
    tags.set(line, ((long) space << SPACE_SHIFT) | page);
    return line;
  }

  /** Gives a line back that is not in the queue. */
  public void give(int line) {
    used--;
    if ((tags.get(line) & COPY) != 0) {
      copies--;
    }
    free.addHead(line);
  }

  /** Space of a line. */
  public int space(int line) {
    return (int) (tags.get(line) >>> SPACE_SHIFT);
  }

  /** Page of a line. */
  public long page(int line) {
    return tags.get(line) & PAGE_MASK;
  }

  /** Gives a line to another page; it stays a copy when it is one. */
  public void retag(int line, int space, long page) {
    tags.set(line, ((long) space << SPACE_SHIFT) | (tags.get(line) & COPY) | page);
  }

  /** Appends at the young end of the queue. */
  public void enqueue(int line, boolean hot) {
    long tag = tags.get(line);
    tags.set(line, (tag & ~HEAT_MASK) | (hot ? HEAT_MASK : 0));
    queue.addTail(line);
  }

  /** Takes a line out of the queue, wherever it is. */
  public void dequeue(int line) {
    queue.remove(line);
  }

  /** Moves a queued line to the young end. */
  public void requeue(int line) {
    queue.remove(line);
    queue.addTail(line);
  }

  /** Oldest line of the queue, or {@link #NONE}. */
  public int oldest() {
    return queue.head();
  }

  /** The next younger line of the queue, or {@link #NONE}. */
  public int younger(int line) {
    return queue.next(line);
  }

  /**
   * Whether a queued line is a copy that stands behind its original still, which is to go first.
   */
  public boolean isBehindOriginal(int line) {
    int older = queue.previous(line);
    return (tags.get(line) & COPY) != 0 && older != NONE && page(older) == page(line);
  }

  /** Lines in the queue. */
  public int queued() {
    return queue.size();
  }

  /** Tells whether a line is hot, and cools it by one round. */
  public boolean cool(int line) {
    long tag = tags.get(line);
    if ((tag & HEAT_MASK) == 0) {
      return false;
    }
    tags.set(line, tag - HEAT_ONE);
    return true;
  }

  /** Remembers a number with a line that is outside the queue (the frame it is evicted to). */
  public void frame(int line, int frame) {
    links.set(line, frame);
  }

  /** The number remembered by {@link #frame(int, int)}. */
  public int frame(int line) {
    return (int) links.get(line);
  }

  @Override
  public void close() {
    tags.close();
    links.close();
  }
}

package io.splitkernel.pcomponent.excache;

/**
 * Recognises sequential and strided misses of one address space: a few streams, each with the page
 * at which its next miss is due. A miss where it is due doubles the stream's window; any other miss
 * begins a new stream with a window of one page and forgets the stream that was idle for longest.
 * Two equal steps in a row, forwards or backwards, begin a stream of that stride with a window of
 * two. Random access therefore hardly ever asks for more than its own page. Pager thread.
 */
public final class Streams {
  private static final int STREAMS = 4;
  private static final long NOWHERE = -1;

  /** Longest stride that is recognised, in pages. */
  static final long STRIDE_MAX = 512;

  private final long[] next = {NOWHERE, NOWHERE, NOWHERE, NOWHERE};
  private final int[] window = new int[STREAMS];
  private final int[] ahead = new int[STREAMS];
  private final long[] at = {NOWHERE - 1, NOWHERE - 1, NOWHERE - 1, NOWHERE - 1};
  private final long[] stride = {1, 1, 1, 1};
  private final long[] used = new long[STREAMS];
  private long clock;
  private int current;
  private long lastPage = NOWHERE;
  private long pageBefore = NOWHERE;
  private int lastWindow;

  /**
   * A page is missing. Asking again for the same page changes nothing.
   *
   * @param page that is missing.
   * @param windowMax largest window.
   * @return pages worth fetching, from this one on, at least 1.
   */
  public int onMiss(long page, int windowMax) {
    if (page == lastPage) {
      return Math.min(lastWindow, Math.max(1, windowMax));
    }
    long step = evenStep(page);
    pageBefore = lastPage;
    lastPage = page;
    clock++;
    int oldest = 0;
    for (int i = 0; i < STREAMS; i++) {
      if (next[i] == page) {
        window[i] = Math.max(1, Math.min(windowMax, window[i] * 2));
        return use(i, page);
      }
      if (used[i] < used[oldest]) {
        oldest = i;
      }
    }
    return begin(oldest, page, step, Math.max(1, windowMax));
  }

  /**
   * A miss that no stream waited for. Beside a strided stream it shows that its stride was the
   * distance of several sequential ones, and it goes on with that one.
   */
  private int begin(int oldest, long page, long step, int windowMax) {
    int chosen = oldest;
    long chosenStep = step;
    for (int i = 0; i < STREAMS; i++) {
      if (stride[i] != 1 && page == at[i] + 1) {
        chosen = i;
        chosenStep = 1;
      }
    }
    boolean follows = chosenStep != 1 || (stride[chosen] != 1 && page == at[chosen] + 1);
    window[chosen] = follows ? Math.min(2, windowMax) : 1;
    stride[chosen] = chosenStep;
    ahead[chosen] = 0;
    return use(chosen, page);
  }

  /** The step from the last miss, when the one before was as long and it is worth it; else 1. */
  private long evenStep(long page) {
    long step = page - lastPage;
    return pageBefore != NOWHERE && step == lastPage - pageBefore && Math.abs(step) <= STRIDE_MAX
        ? step
        : 1;
  }

  private int use(int i, long page) {
    current = i;
    used[i] = clock;
    at[i] = page;
    next[i] = page + stride[i];
    lastWindow = window[i];
    return lastWindow;
  }

  /** Distance in pages between the misses of the stream of the last {@link #onMiss}; not 0. */
  public long stride() {
    return stride[current];
  }

  /**
   * Pages that the stream of the last {@link #onMiss} had taken ahead and has passed by now; told
   * once.
   *
   * @return how many.
   */
  public int takePassed() {
    int passed = ahead[current];
    ahead[current] = 0;
    return passed;
  }

  /**
   * How many pages were taken for the last {@link #onMiss}: its next miss is due behind them.
   *
   * @param pages taken, the missing one among them.
   */
  public void took(int pages) {
    next[current] = lastPage + pages * stride[current];
    ahead[current] = pages - 1;
  }

  /**
   * As {@link #took}, for pages that cost no read: they do not count as passed later.
   *
   * @param pages taken, the missing one among them.
   */
  public void passOver(int pages) {
    next[current] = lastPage + pages * stride[current];
  }
}

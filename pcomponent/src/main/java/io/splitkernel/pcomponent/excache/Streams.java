package io.splitkernel.pcomponent.excache;

/**
 * Recognises sequential misses of one address space: a few streams, each with the page at which its
 * next miss is due. A miss where it is due doubles the stream's window; any other miss begins a new
 * stream with a window of one page and forgets the stream that was idle for longest. Random access
 * therefore never asks for more than its own page. Pager thread.
 */
public final class Streams {
  private static final int STREAMS = 4;
  private static final long NOWHERE = -1;

  private final long[] next = {NOWHERE, NOWHERE, NOWHERE, NOWHERE};
  private final int[] window = new int[STREAMS];
  private final int[] ahead = new int[STREAMS];
  private final long[] used = new long[STREAMS];
  private long clock;
  private int current;
  private long lastPage = NOWHERE;
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
    window[oldest] = 1;
    ahead[oldest] = 0;
    return use(oldest, page);
  }

  private int use(int i, long page) {
    current = i;
    used[i] = clock;
    next[i] = page + 1;
    lastWindow = window[i];
    return lastWindow;
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
    next[current] = lastPage + pages;
    ahead[current] = pages - 1;
  }

  /**
   * As {@link #took}, for pages that cost no read: they do not count as passed later.
   *
   * @param pages taken, the missing one among them.
   */
  public void passOver(int pages) {
    next[current] = lastPage + pages;
  }
}

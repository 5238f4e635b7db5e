package io.splitkernel.jmh;

import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.SpacePages;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The page state of a fault: looking up a random page of a space of 1 GiB, beside its floor, a read
 * of a Java array at the same random index; and the transitions of a page that comes and goes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class ExCacheBenchmark {
  private static final int PAGES = 1 << 18;
  private static final int LINES = PAGES + 1024;
  private static final long FIRST_PAGE = 0x7f00_0000_0000L >>> 12;

  private final long[] floor = new long[PAGES];
  private final int[] order = new int[1 << 16];
  private ExCache cache;
  private SpacePages space;
  private int next;

  /** Makes every page of 1 GiB resident. */
  @Setup
  public void fill() {
    cache = new ExCache(LINES, 64, 0, 8);
    space = cache.open(1);
    for (int page = 0; page < PAGES; page++) {
      cache.makeResident(space, FIRST_PAGE + page, PageEntry.NONE, false, false);
    }
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < order.length; i++) {
      order[i] = random.nextInt(PAGES);
    }
  }

  /** Frees the tables. */
  @TearDown
  public void close() {
    cache.close(space);
    cache.close();
  }

  private int nextIndex() {
    next = (next + 1) & (order.length - 1);
    return order[next];
  }

  /** The floor of a lookup. */
  @Benchmark
  public long arrayFloor() {
    return floor[nextIndex()];
  }

  /** State of one page. */
  @Benchmark
  public long lookUp() {
    return space.table().get(FIRST_PAGE + nextIndex());
  }

  /** An untouched page becomes resident and is forgotten again. */
  @Benchmark
  public void comeAndGo() {
    long page = FIRST_PAGE + PAGES + 17;
    cache.makeResident(space, page, space.table().get(page), true, false);
    cache.makeEmpty(space, page, space.table().get(page));
  }
}

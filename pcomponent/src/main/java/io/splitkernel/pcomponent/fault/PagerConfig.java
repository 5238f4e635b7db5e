package io.splitkernel.pcomponent.fault;

/**
 * Settings of the pager.
 *
 * @param cacheBytes local memory for program pages, over all spaces: resident pages and frames
 *     together; at least 16 pages.
 * @param memoryBytes program pages that may exist anywhere; at least 1 page.
 * @param victimPercent share of the cache that is frames (victim area and transfers), 10..75.
 * @param evictionBatch pages of one eviction, 1..64.
 * @param prefetchPages most pages read ahead of a stream, 0 (off)..32.
 * @param zeroFillPages most pages filled with zeros ahead of a first-touch stream, 1 (off)..64.
 * @param pollNs longest look for the next fault before the pager thread sleeps, 0 (off)..1 ms.
 * @param commandTimeoutNs longest wait of a caller of {@link AddressSpaces}.
 * @param starvationTimeoutNs longest wait of a fault for room in the cache before its program
 *     counts as out of memory; by default longer than a new cluster may take to lend memory.
 * @param spacesMax address spaces at a time, up to 65534.
 */
public record PagerConfig(
    long cacheBytes,
    long memoryBytes,
    int victimPercent,
    int evictionBatch,
    int prefetchPages,
    int zeroFillPages,
    long pollNs,
    long commandTimeoutNs,
    long starvationTimeoutNs,
    int spacesMax) {
  /** Fewest pages of a cache. */
  public static final int CACHE_PAGES_MIN = 16;

  private static final long SECOND_NS = 1_000_000_000L;
  private static final long CACHE_PAGES_MAX = 1L << 26;

  /** Validates every value. */
  public PagerConfig {
    long pages = cacheBytes / EvictionBatch.PAGE_BYTES;
    check(pages >= CACHE_PAGES_MIN, "cacheBytes", cacheBytes, "at least 65536 (16 pages)");
    check(pages <= CACHE_PAGES_MAX, "cacheBytes", cacheBytes, "at most 256 GiB");
    check(memoryBytes >= EvictionBatch.PAGE_BYTES, "memoryBytes", memoryBytes, "at least 4096");
    check(victimPercent >= 10 && victimPercent <= 75, "victimPercent", victimPercent, "in 10..75");
    check(
        evictionBatch >= 1 && evictionBatch <= EvictionBatch.PAGES_MAX,
        "evictionBatch",
        evictionBatch,
        "in 1..64");
    check(prefetchPages >= 0 && prefetchPages <= 32, "prefetchPages", prefetchPages, "in 0..32");
    check(zeroFillPages >= 1 && zeroFillPages <= 64, "zeroFillPages", zeroFillPages, "in 1..64");
    check(pollNs >= 0 && pollNs <= 1_000_000, "pollNs", pollNs, "in 0..1000000");
    check(commandTimeoutNs > 0, "commandTimeoutNs", commandTimeoutNs, "positive");
    check(starvationTimeoutNs > 0, "starvationTimeoutNs", starvationTimeoutNs, "positive");
    check(spacesMax >= 2 && spacesMax <= 65_534, "spacesMax", spacesMax, "in 2..65534");
  }

  /**
   * The defaults for given sizes.
   *
   * @param cacheBytes local memory for program pages.
   * @param memoryBytes program pages that may exist anywhere.
   * @return the settings.
   */
  public static PagerConfig of(long cacheBytes, long memoryBytes) {
    return new PagerConfig(
        cacheBytes,
        memoryBytes,
        25,
        64,
        32,
        16,
        pollDefaultNs(),
        30 * SECOND_NS,
        130 * SECOND_NS,
        16_384);
  }

  /** Where there is one processor only, whoever looks keeps the program from faulting. */
  private static long pollDefaultNs() {
    return Runtime.getRuntime().availableProcessors() > 1 ? 10_000 : 0;
  }

  /** Pages of the whole cache. */
  int cachePages() {
    return (int) (cacheBytes / EvictionBatch.PAGE_BYTES);
  }

  /** Frames among them. */
  int framePages() {
    return Math.max(8, (int) ((long) cachePages() * victimPercent / 100));
  }

  private static void check(boolean good, String name, long value, String range) {
    if (!good) {
      throw new IllegalArgumentException(name + "=" + value + " must be " + range);
    }
  }
}

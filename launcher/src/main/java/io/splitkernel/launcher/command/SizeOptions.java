package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.launcher.settings.Size;
import io.splitkernel.mcomponent.files.FileCacheConfig;
import io.splitkernel.pcomponent.fault.PagerConfig;
import picocli.CommandLine.Option;

/** How much memory a run may use, here and elsewhere. */
final class SizeOptions {
  private static final long CACHE_LEAST_BYTES = 64 * Size.PAGE_BYTES;
  private static final long LARGEST_VREGION_BYTES = 1L << 40;
  private static final int SECONDS_MAX = 86_400;
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long STARVATION_MORE_NS = 10 * SECOND_NS;

  @Option(
      names = "--cache",
      paramLabel = "SIZE",
      description = "Local DRAM for the program's pages; default 25%% of --memory.")
  private String cache;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Remote memory; default half of this machine's RAM.")
  private String memory;

  /**
   * Checked sizes of a run.
   *
   * @param pager cache and memory.
   * @param vRegionBytes length of a vRegion in an embedded cluster.
   * @param extentBytes length of an extent in an embedded cluster.
   */
  record Sizes(PagerConfig pager, long vRegionBytes, long extentBytes) {}

  Settings apply(Settings settings) {
    return settings.withFlag(Setting.CACHE, cache).withFlag(Setting.MEMORY, memory);
  }

  static long extent(Settings settings) throws LegoFailure {
    return powerOfTwo(settings, Setting.EXTENT, 1L << 16, 1L << 30);
  }

  static long vRegion(Settings settings) throws LegoFailure {
    return powerOfTwo(settings, Setting.VREGION, 1L << 20, LARGEST_VREGION_BYTES);
  }

  /** Memory for cached files; 0 is for none. */
  static long fileCache(Settings settings, MachineDefaults machine) throws LegoFailure {
    if (settings.get(Setting.FILE_CACHE).value().equals("0")) {
      return 0;
    }
    long least = FileCacheConfig.bytesMin();
    return settings.size(Setting.FILE_CACHE, least, machine.ramBytes(), "this machine's RAM");
  }

  private static long powerOfTwo(Settings settings, Setting setting, long least, long most)
      throws LegoFailure {
    long bytes = settings.size(setting, least, most, "allowed");
    if (Long.bitCount(bytes) != 1) {
      throw settings.wrong(setting, "it must be a power of two", null);
    }
    return bytes;
  }

  static Sizes resolve(Settings settings, MachineDefaults machine) throws LegoFailure {
    long ram = machine.ramBytes();
    long extent = extent(settings);
    long vRegion = vRegion(settings);
    if (vRegion < extent) {
      throw settings.wrong(Setting.VREGION, "it must be at least an extent", null);
    }
    return new Sizes(pager(settings, extent, ram), vRegion, extent);
  }

  /**
   * By default a little longer than the memory is waited for, so that its absence is told first.
   */
  private static long starvationNs(Settings settings) throws LegoFailure {
    long graceNs = settings.startGraceNs();
    if (settings.text(Setting.STARVATION).isEmpty()) {
      return graceNs + STARVATION_MORE_NS;
    }
    return settings.number(Setting.STARVATION, 1, SECONDS_MAX) * SECOND_NS;
  }

  private static PagerConfig pager(Settings settings, long extent, long ram) throws LegoFailure {
    long memory =
        settings.monitor().isPresent()
            ? settings.size(Setting.MEMORY, extent)
            : settings.size(Setting.MEMORY, extent, ram, "this machine's RAM");
    long cache =
        settings.text(Setting.CACHE).isEmpty()
            ? Math.max(CACHE_LEAST_BYTES, Math.min(memory, ram) / 4 & -Size.PAGE_BYTES)
            : settings.size(Setting.CACHE, CACHE_LEAST_BYTES, ram, "this machine's RAM");
    PagerConfig defaults = PagerConfig.of(cache, memory);
    return new PagerConfig(
        cache,
        memory,
        settings.number(Setting.VICTIM_PERCENT, 10, 75),
        settings.number(Setting.EVICTION_BATCH, 1, 64),
        settings.number(Setting.PREFETCH, 0, 32),
        settings.number(Setting.ZERO_FILL, 1, 64),
        settings.number(Setting.POLL_US, 0, 1000) * 1000L,
        defaults.commandTimeoutNs(),
        starvationNs(settings),
        defaults.spacesMax());
  }
}

package io.splitkernel.launcher.settings;

import io.splitkernel.pcomponent.access.UserfaultfdAccess;
import io.splitkernel.pcomponent.fault.PagerConfig;
import io.splitkernel.protocol.files.server.FileServerConfig;
import io.splitkernel.protocol.rpc.RpcSettings;
import io.splitkernel.scomponent.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Defaults that depend on the machine and the user.
 *
 * @param ramBytes physical memory of this machine.
 * @param stateDirectory where the user's cluster keeps its state.
 * @param dataDirectory where the user's data is kept that outlives a cluster.
 */
public record MachineDefaults(long ramBytes, Path stateDirectory, Path dataDirectory) {
  private static final int FILE_CACHE_SHARE = 16;
  private static final long FILE_CACHE_LEAST = 16L << 20;
  private static final long FILE_CACHE_MOST = 256L << 20;
  private static final long SECOND_NS = 1_000_000_000L;
  private static final FileServerConfig FILES = FileServerConfig.DEFAULT;
  private static final int CLIENTS_SHARE = 8;
  private static final int CLIENTS_LEAST = 16;
  private static final int CLIENTS_MOST = 128;
  private static final PagerConfig PAGER = PagerConfig.of(1L << 30, 1L << 30);

  /**
   * Looks at this machine.
   *
   * @param environment of the process.
   * @return its defaults.
   */
  public static MachineDefaults of(Map<String, String> environment) {
    return new MachineDefaults(readRam(), stateDirectory(environment), dataDirectory(environment));
  }

  String valueOf(Setting setting) {
    return switch (setting) {
      case CACHE, DEVICE, GID_INDEX, MONITOR, SECRET_FILE, LOG_FILE, STARVATION -> "";
      case MEMORY, MCOMPONENT_MEMORY -> Size.text((ramBytes / 2) & -(1L << 20));
      case FILE_CACHE -> Size.text(fileCacheBytes(ramBytes));
      case FABRIC -> "auto";
      case STORE -> dataDirectory.resolve("store").toString();
      case RETRY -> "60";
      case CLIENTS_MAX -> Long.toString(clientsMax(ramBytes));
      case OPEN_FILES -> Integer.toString(StoreSettings.DEFAULT.openFilesMax());
      case FILE_READ_AHEAD -> Size.text(StoreSettings.DEFAULT.readAheadBytes());
      case FILE_WORKERS -> Integer.toString(FILES.workers());
      case FILE_QUEUE -> Size.text(FILES.queuedBytesMax());
      case FILE_INLINE -> Size.text(FILES.inlineBytesMax());
      case FILE_FETCHES -> Integer.toString(FILES.fetchesMax());
      case FILE_DRAIN -> Long.toString(FILES.drainNs() / SECOND_NS);
      case FILE_TRANSFER -> Long.toString(FILES.transferNs() / SECOND_NS);
      case START_GRACE -> "120";
      case VREGION -> "1g";
      case EXTENT -> "2m";
      case PREFETCH -> Integer.toString(PAGER.prefetchPages());
      case ZERO_FILL -> Integer.toString(PAGER.zeroFillPages());
      case POLL_US -> Long.toString(PAGER.pollNs() / 1000);
      case VICTIM_PERCENT -> Integer.toString(PAGER.victimPercent());
      case EVICTION_BATCH -> Integer.toString(PAGER.evictionBatch());
      case STATE_DIR -> stateDirectory.toString();
      case USERFAULTFD_HELPER -> UserfaultfdAccess.HELPER_DEFAULT.toString();
    };
  }

  private static long fileCacheBytes(long ramBytes) {
    long share = (ramBytes / FILE_CACHE_SHARE) & -(1L << 20);
    return Math.max(FILE_CACHE_LEAST, Math.min(FILE_CACHE_MOST, share));
  }

  private static long clientsMax(long ramBytes) {
    long fit = ramBytes / CLIENTS_SHARE / RpcSettings.DEFAULT.connectionBytes();
    return Math.clamp(fit, CLIENTS_LEAST, CLIENTS_MOST);
  }

  private static long readRam() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemTotal:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException | NumberFormatException e) {
      // Without /proc nothing of Lego works; doctor says so. A small machine is a safe guess.
    }
    return 1L << 30;
  }

  private static Path stateDirectory(Map<String, String> environment) {
    String runtime = environment.get("XDG_RUNTIME_DIR");
    if (runtime != null && !runtime.isBlank() && Files.isWritable(Path.of(runtime))) {
      return Path.of(runtime, "lego");
    }
    return Path.of("/tmp", "lego-" + userId());
  }

  private static Path dataDirectory(Map<String, String> environment) {
    String data = environment.get("XDG_DATA_HOME");
    return data == null || data.isBlank()
        ? Path.of(environment.getOrDefault("HOME", "/"), ".local", "share", "lego")
        : Path.of(data, "lego");
  }

  private static Object userId() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      return System.getProperty("user.name", "unknown");
    }
  }
}

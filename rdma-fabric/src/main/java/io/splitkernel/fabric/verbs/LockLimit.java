package io.splitkernel.fabric.verbs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How much memory this process may register, which locks it (RLIMIT_MEMLOCK, getrlimit(2)). Any
 * thread; control path.
 */
public final class LockLimit {
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String NAME = "Max locked memory";
  private static final int CAP_IPC_LOCK = 14;

  private LockLimit() {}

  /**
   * The limit now.
   *
   * @return bytes; {@link Long#MAX_VALUE} where there is none or the process may exceed it.
   */
  public static long bytes() {
    try {
      return mayExceed(Files.readAllLines(STATUS))
          ? Long.MAX_VALUE
          : soft(Files.readAllLines(LIMITS));
    } catch (IOException e) {
      return Long.MAX_VALUE; // no /proc: the device will tell
    }
  }

  static boolean mayExceed(List<String> status) {
    for (String line : status) {
      if (line.startsWith("CapEff:")) {
        long capabilities = Long.parseUnsignedLong(line.substring(7).trim(), 16);
        return (capabilities >>> CAP_IPC_LOCK & 1) == 1;
      }
    }
    return false;
  }

  static long soft(List<String> limits) {
    for (String line : limits) {
      if (line.startsWith(NAME)) {
        String value = line.substring(NAME.length()).trim().split("\\s+", 2)[0];
        return value.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(value);
      }
    }
    return Long.MAX_VALUE;
  }

  /**
   * What is said when memory cannot be registered.
   *
   * @param wantedBytes that are to be registered.
   * @return one line with the cure, or empty when the limit allows as much.
   */
  public static String objection(long wantedBytes) {
    long limit = bytes();
    return wantedBytes <= limit
        ? ""
        : String.format(
            "registered memory is locked, and %d bytes are wanted while this process may lock %d;"
                + " raise the limit (ulimit -l unlimited, or memlock in /etc/security/limits.conf)",
            wantedBytes, limit);
  }
}

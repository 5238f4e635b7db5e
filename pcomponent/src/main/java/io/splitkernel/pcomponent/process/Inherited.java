package io.splitkernel.pcomponent.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a program inherits that a JVM changes for itself: it must get what the JVM was given.
 * Signals are bits, that of signal N is {@code 1 << (N - 1)}.
 *
 * @param blockedSignals the signal mask.
 * @param ignoredSignals signals with the action "ignore"; all others have the default action.
 * @param descriptorsSoft limit of open files (RLIMIT_NOFILE).
 * @param descriptorsHard up to which it may be raised.
 */
public record Inherited(
    long blockedSignals, long ignoredSignals, long descriptorsSoft, long descriptorsHard) {
  private static final long SYS_GETPID = 39;
  private static final long SYS_PRLIMIT64 = 302;
  private static final long RLIMIT_NOFILE = 7;

  /**
   * What this process has. Called before anything is changed; what the JVM itself has changed by
   * then is known to whoever started it.
   *
   * @return the values.
   * @throws UncheckedIOException when they cannot be read.
   */
  public static Inherited ofThisProcess() {
    // The JVM's own threads have other masks than the one that came from outside.
    Path file = Path.of("/proc/self/task/" + Syscall.call(SYS_GETPID, 0, 0, 0) + "/status");
    try (Arena arena = Arena.ofConfined()) {
      String status = Files.readString(file, ISO_8859_1);
      MemorySegment limits = arena.allocate(2L * Long.BYTES, Long.BYTES);
      long got = Syscall.call(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, 0, limits.address(), 0, 0);
      if (got < 0) {
        throw new IOException("prlimit(RLIMIT_NOFILE): " + Errno.text(got));
      }
      return new Inherited(
          signals(status, "SigBlk:"),
          signals(status, "SigIgn:"),
          limits.get(ValueLayout.JAVA_LONG, 0),
          limits.get(ValueLayout.JAVA_LONG, Long.BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The same with the signals as they were before the JVM was started.
   *
   * @param blocked hexadecimal as in /proc/PID/status; empty: unknown.
   * @param ignored hexadecimal as in /proc/PID/status; empty: unknown.
   * @return the new values.
   */
  public Inherited withSignals(String blocked, String ignored) {
    return new Inherited(
        blocked.isEmpty() ? blockedSignals : Long.parseUnsignedLong(blocked, 16),
        ignored.isEmpty() ? ignoredSignals : Long.parseUnsignedLong(ignored, 16),
        descriptorsSoft,
        descriptorsHard);
  }

  private static long signals(String status, String name) throws IOException {
    for (String line : status.split("\n")) {
      if (line.startsWith(name)) {
        return Long.parseUnsignedLong(line.substring(name.length()).strip(), 16);
      }
    }
    throw new IOException("no " + name + " in /proc/self/status");
  }
}

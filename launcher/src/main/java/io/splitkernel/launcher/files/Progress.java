package io.splitkernel.launcher.files;

import io.splitkernel.launcher.settings.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** A line on stderr that says how far a long copy is, when stderr is a terminal. Any thread. */
final class Progress {
  private static final long FIRST_NS = 1_000_000_000L;
  private static final long EVERY_NS = 250_000_000L;

  private final String what;
  private final long totalBytes;
  private final boolean shown = isTerminal();
  private final AtomicLong bytes = new AtomicLong();
  private final long startNs = System.nanoTime();
  private final AtomicLong lastNs = new AtomicLong(startNs + FIRST_NS - EVERY_NS);

  Progress(String what, long totalBytes) {
    this.what = what;
    this.totalBytes = totalBytes;
  }

  private static boolean isTerminal() {
    try {
      Path stderr = Files.readSymbolicLink(Path.of("/proc/self/fd/2"));
      return stderr.startsWith("/dev/pts") || stderr.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  void add(long more) {
    long done = bytes.addAndGet(more);
    long last = lastNs.get();
    long now = System.nanoTime();
    if (shown && now - last >= EVERY_NS && lastNs.compareAndSet(last, now)) {
      long perSecond = (long) (done / ((now - startNs) / 1e9));
      String percent = totalBytes <= 0 ? "" : " " + 100 * done / totalBytes + "%";
      System.err.printf(
          "\r\033[K%s:%s, %s, %s/s", what, percent, Size.rounded(done), Size.rounded(perSecond));
    }
  }

  /** Clears the line. */
  void end() {
    if (shown && lastNs.get() > startNs + FIRST_NS - EVERY_NS) {
      System.err.print("\r\033[K");
    }
  }
}

package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.CacheFill;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads files of a store ahead of those who want them, on a thread that is there as long as some
 * file is read so. What is asked for is a hint: it may come late, or be forgotten when there is too
 * much of it. Any thread.
 */
final class AheadReader {
  /** Hints that wait; one more is forgotten. */
  private static final int WAITING_MAX = 128;

  /** Files that it has open; the one that was not asked for longest is closed first. */
  private static final int FILES_MAX = 16;

  private final Deque<Hint> waiting = new ArrayDeque<>();
  private final Map<Object, Stream> open = new LinkedHashMap<>(16, 0.75f, true);
  private Stream current;
  private boolean running;

  /** A file that is read ahead. */
  private static final class Stream {
    private final CacheFill fill;
    private boolean forgotten;
    private volatile boolean failed;

    private Stream(CacheFill fill) {
      this.fill = fill;
    }
  }

  private record Hint(Stream stream, long offset, long lengthBytes) {}

  /**
   * Asks for a range of a file.
   *
   * @param file by which it is {@linkplain #forget forgotten}, which must follow.
   * @param fd of it.
   * @return false when it cannot be read so.
   */
  synchronized boolean ask(Object file, int fd, long offset, long lengthBytes) {
    Stream stream = open.get(file);
    if (stream == null) {
      CacheFill fill = CacheFill.open(fd);
      if (fill == null) {
        return false;
      }
      stream = new Stream(fill);
      open.put(file, stream);
      if (open.size() > FILES_MAX) {
        forget(open.keySet().iterator().next());
      }
    }
    if (stream.failed || !isRunning()) {
      return false;
    }
    if (waiting.size() < WAITING_MAX) {
      waiting.add(new Hint(stream, offset, lengthBytes));
    }
    notifyAll();
    return true;
  }

  /** Whether the thread is there, which is started when it is not. */
  private boolean isRunning() {
    if (!running) {
      try {
        Thread.ofPlatform().daemon().name("files-ahead").start(this::run);
        running = true;
      } catch (OutOfMemoryError e) {
        return false; // a thread too many for this process
      }
    }
    return true;
  }

  /** The file is about to be closed. What is just being read of it ends first, but not here. */
  synchronized void forget(Object file) {
    Stream stream = open.remove(file);
    if (stream == null) {
      return;
    }
    waiting.removeIf(hint -> hint.stream() == stream);
    stream.forgotten = true;
    if (stream != current) {
      stream.fill.close();
    }
    notifyAll();
  }

  /** Files that are open here; for tests. */
  synchronized int files() {
    return open.size();
  }

  private void run() {
    Hint hint = next();
    while (hint != null) {
      Stream stream = hint.stream();
      stream.failed |= stream.fill.fill(hint.offset(), hint.lengthBytes()) < 0;
      hint = next();
    }
  }

  /** Ends with the last hint, and waits for another; null when no file is open any more. */
  private synchronized Hint next() {
    if (current != null && current.forgotten) {
      current.fill.close();
    }
    current = null;
    try {
      while (waiting.isEmpty() && !open.isEmpty()) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Hint hint = waiting.poll();
    running = hint != null;
    current = hint == null ? null : hint.stream();
    return hint;
  }
}

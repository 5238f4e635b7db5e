package io.splitkernel.protocol.files.client;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * Files that were written and not synced since, by volume and id. When the server has lost what was
 * not synced, the next sync of each must fail, once. Any thread.
 */
final class Unsynced {
  private record File(String volume, long id) {}

  private final AtomicInteger losses = new AtomicInteger();
  private final AtomicLong sequence = new AtomicLong();
  private final Map<File, Long> written = new ConcurrentHashMap<>();
  private final Set<File> lost = ConcurrentHashMap.newKeySet();

  /**
   * A write was answered.
   *
   * @param lossesBefore losses when its answer was asked for; one that came since takes this write
   *     along.
   */
  void onWritten(String volume, long id, int lossesBefore) {
    File file = new File(volume, id);
    written.put(file, sequence.incrementAndGet());
    if (losses.get() != lossesBefore) {
      lost.add(file);
    }
  }

  /** How often something was lost. */
  int losses() {
    return losses.get();
  }

  /**
   * Syncs a file, perhaps after writing to it.
   *
   * @param failure result when writes were lost.
   * @param sync asks the server.
   * @return its result, which is not negative when all is well, or the failure.
   */
  int sync(String volume, long id, int failure, IntSupplier sync) {
    File file = new File(volume, id);
    Long last = written.get(file);
    int result = sync.getAsInt();
    if (lost.remove(file)) {
      return failure;
    }
    if (result >= 0 && last != null) {
      written.remove(file, last);
    }
    return result;
  }

  /** The server has lost what was not synced. */
  void onLoss() {
    losses.incrementAndGet();
    written.forEach((file, last) -> {
      lost.add(file);
      written.remove(file, last);
    });
  }
}

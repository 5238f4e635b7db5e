package io.splitkernel.protocol.files.server;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.wire.FileRequest;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Syncs that have failed. A device tells a failure once, but it is told here to every client that
 * was connected then and syncs the file next, since its writes may be among those lost; and again
 * to one that asks again because the answer was lost. The last ones only; any thread.
 */
final class SyncFailures {
  private static final int FAILURES_MAX = 1024;

  private final Map<File, Failure> failures = new LinkedHashMap<>();
  private volatile boolean any;

  /** By path where the client has not said an id. */
  private record File(String volume, long id, String path) {}

  private record Failure(int error, Set<Long> untold, Set<Long> told) {}

  /**
   * What to answer.
   *
   * @param r sync that was carried out.
   * @param client that has asked.
   * @param result of the sync.
   * @param connected clients that are connected.
   * @return the result, or an earlier failure that the client may not know.
   */
  int answer(FileRequest r, long client, int result, Supplier<Set<Long>> connected) {
    boolean failed = isLoss(result);
    if (!failed && !any) {
      return result;
    }
    File file = new File(r.volume, r.fileId, r.fileId == 0 ? r.path : "");
    synchronized (failures) {
      if (failed) {
        keep(file, client, result, connected.get());
        return result;
      }
      Failure known = failures.get(file);
      if (known == null || result < 0) {
        return result;
      }
      if (known.untold.remove(client)) {
        known.told.add(client);
        return known.error;
      }
      return r.retry && known.told.contains(client) ? known.error : result;
    }
  }

  private void keep(File file, long client, int error, Set<Long> connected) {
    Set<Long> told = new HashSet<>(Set.of(client));
    Set<Long> untold = new HashSet<>(connected);
    untold.remove(client);
    failures.remove(file);
    failures.put(file, new Failure(error, untold, told));
    if (failures.size() > FAILURES_MAX) {
      failures.remove(failures.keySet().iterator().next());
    }
    any = true;
  }

  private static boolean isLoss(int result) {
    return switch (-result) {
      case Errno.EIO, Errno.ENOSPC, Errno.EDQUOT, Errno.EROFS -> true;
      default -> false;
    };
  }
}

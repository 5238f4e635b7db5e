package io.splitkernel.ci.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.Seeds;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * kill -9 of clients in the midst of operations, and of the storage component beside: what was
 * answered is there, what was not is there wholly or not at all, block by block, and of the client
 * nothing stays behind.
 *
 * <p>{@link Seeds} tells how to replay it.
 */
@Timeout(240)
final class ClientKillTest {
  private static final int KILLS = 9;
  private static final int OPERATIONS_MAX = 200;
  private static final int MICROS_MAX = 5_000;
  private static final int STORAGE_MICROS_MAX = 200_000;

  @TempDir Path root;
  private final FileAttributes attributes = new FileAttributes();
  private final BlockHistory history = new BlockHistory();
  private long lastNumber;
  private long newFile;
  private String step;

  /**
   * @param memoryComponents 0 for clients that ask the storage component themselves; 1 for a cache
   *     between.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldKeepWhatWasAnsweredWhenClientsAreKilled(int memoryComponents) throws Exception {
    Random random = new Random(Seeds.next());
    try (CrashCluster cluster = new CrashCluster(root.resolve("store"), memoryComponents);
        ExecutorService killer = Executors.newSingleThreadExecutor()) {
      Volume volume = cluster.freshClient();
      BlockHistory.create(volume);
      for (int i = 0; i < KILLS; i++) {
        newFile = 0;
        try (KilledClient client =
            KilledClient.start(cluster.monitor(), random.nextLong(), lastNumber + 1)) {
          Later.Event event = i % 3 == 2 ? cluster::killStorage : () -> {};
          Future<?> kill = killer.submit(Later.after(random.nextInt(STORAGE_MICROS_MAX), event));
          int operations = 1 + random.nextInt(OPERATIONS_MAX);
          client.killAfter(operations, random.nextInt(MICROS_MAX), this::told);
          kill.get(60, TimeUnit.SECONDS);
        }
        cluster.awaitNoOtherClients(volume);
        history.lookAtAll(volume);
        checkNewFile(volume);
      }
    }
  }

  private boolean told(String[] words) {
    return switch (words[0]) {
      case "write" -> {
        int count = Integer.parseInt(words[3]);
        long number = Long.parseLong(words[4]);
        history.mayHave(Integer.parseInt(words[1]), Integer.parseInt(words[2]), count, number);
        lastNumber = number + count - 1;
        yield false;
      }
      case "written" -> {
        int count = Integer.parseInt(words[3]);
        history.has(Integer.parseInt(words[1]), Integer.parseInt(words[2]), count);
        yield true;
      }
      case "create", "created", "renamed", "removed" -> {
        newFile = Long.parseLong(words[1]);
        lastNumber = newFile;
        step = words[0];
        yield !words[0].equals("create");
      }
      case "synced" -> true;
      default -> fail(String.join(" ", words));
    };
  }

  /** The last file that was made has one of its names, as far as its client had got. */
  private void checkNewFile(Volume volume) {
    if (newFile == 0) {
      return;
    }
    boolean isNew = exists(volume, "/new-");
    boolean isOld = exists(volume, "/old-");
    switch (step) {
      case "create" -> assertTrue(!isOld);
      case "created" -> assertTrue(isNew ^ isOld);
      case "renamed" -> assertTrue(!isNew);
      default -> assertTrue(!isNew && !isOld);
    }
    if (isNew || isOld) {
      String path = (isNew ? "/new-" : "/old-") + newFile;
      assertEquals(0, volume.unlink(path, newFile, false));
    }
  }

  private boolean exists(Volume volume, String prefix) {
    int result = volume.lookup(prefix + newFile, 0, attributes);
    assertTrue(result == 0 || result == -Errno.ENOENT, () -> Errno.text(result));
    return result == 0;
  }
}

package io.splitkernel.ci.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.pcomponent.Seeds;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random operations while the storage component is killed in the midst of them, again and again,
 * and clients come and go: nothing that an operation has answered may be lost or done twice. And
 * while the memory component with the cache is killed: nothing that was synced may be lost, and a
 * sync that cannot vouch for what was written before says so.
 *
 * <p>{@link Seeds} tells how to replay it.
 */
@Timeout(240)
final class FileCrashModelTest {
  private static final int OPERATIONS = 5_000;
  private static final int KILL_EVERY = 500;
  private static final int CLIENT_EVERY = 700;
  private static final int CACHE_KILLS = 10;

  @TempDir Path root;

  /**
   * @param memoryComponents 0 for clients that ask the storage component themselves; 1 for a cache
   *     between, which is not killed here.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldLoseNothingThatWasAnsweredWhenStorageIsKilled(int memoryComponents) throws Exception {
    Random random = new Random(Seeds.next());
    try (CrashCluster cluster = new CrashCluster(root.resolve("store"), memoryComponents);
        ExecutorService killer = Executors.newSingleThreadExecutor()) {
      FileModel model = new FileModel(cluster.freshClient(), random);
      Future<?> kill = killer.submit(() -> {});
      int kills = 0;
      for (int i = 1; i <= OPERATIONS; i++) {
        model.step();
        if (i % KILL_EVERY == 0) {
          kill.get(60, TimeUnit.SECONDS);
          kill = killer.submit(Later.after(random.nextInt(20_000), cluster::killStorage));
          kills++;
        }
        if (i % CLIENT_EVERY == 0) {
          model.use(cluster.freshClient());
        }
      }
      kill.get(60, TimeUnit.SECONDS);
      model.compareAll();
      assertEquals(OPERATIONS / KILL_EVERY, kills);
    }
  }

  @Test
  void shouldKeepWhatWasSyncedWhenTheCacheIsKilled() throws Exception {
    Random random = new Random(Seeds.next());
    try (CrashCluster cluster = new CrashCluster(root.resolve("store"), 2);
        ExecutorService killer = Executors.newSingleThreadExecutor()) {
      BlockModel model = new BlockModel(cluster.freshClient(), random);
      for (int kills = 0; kills < CACHE_KILLS; kills++) {
        boolean storageToo = random.nextInt(3) == 0;
        Future<?> kill = killer.submit(Later.after(random.nextInt(50_000), cluster::killOwner));
        for (int i = 0; i < KILL_EVERY / 2; i++) {
          model.step();
        }
        kill.get(60, TimeUnit.SECONDS);
        if (storageToo) {
          cluster.killStorage();
        }
        model.lookAtAll();
      }
      System.out.println(model.lost() + " blocks lost, " + model.told() + " syncs told");
      assertTrue(model.lost() > 0, "nothing was at risk: the test has shown nothing");
    }
  }
}

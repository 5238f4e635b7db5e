package io.splitkernel.ci.files;

import io.splitkernel.mcomponent.files.FileCacheConfig;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.scomponent.store.VolumeContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What every volume promises, through a memory component to a storage component. */
class CachedContractTest extends VolumeContract {
  @TempDir Path root;
  private FileCluster cluster;
  private Volume volume;

  @BeforeEach
  void start() throws Exception {
    cluster = new FileCluster(root);
    cluster.makeVolume(QUOTA);
    cluster.startMemory(FileCacheConfig.of(32L << 20));
    volume = cluster.volume();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Override
  protected Volume volume() {
    return volume;
  }
}

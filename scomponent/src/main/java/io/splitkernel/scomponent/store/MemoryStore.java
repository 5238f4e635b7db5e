package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Volumes in the heap, for simulations: what a {@link DirectoryStore} answers, and a power supply
 * that can be cut. Any thread. Operations that are under way when it crashes come before or after.
 */
public final class MemoryStore implements VolumeProvider {
  private final ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(Scratch::new);
  private final Map<String, MemoryVolume> volumes = new TreeMap<>();
  private long crashes;

  /** Forgets every content that was not synced, and changes its {@link #verifier}. */
  public void crash() {
    crash(null);
  }

  /**
   * Forgets the last changes of each content that were not synced, as many as a seed says.
   *
   * @param seed the same for the same loss.
   */
  public void crash(long seed) {
    crash(new Random(seed));
  }

  private synchronized void crash(RandomGenerator random) {
    crashes++;
    volumes.values().forEach(volume -> volume.crash(random));
  }

  @Override
  public synchronized Volume volume(String name) {
    return volumes.get(name);
  }

  @Override
  public synchronized int makeVolume(String name, long quotaBytes) {
    if (!VolumeNames.isVolumeName(name) || quotaBytes < 0) {
      return -Errno.EINVAL;
    }
    MemoryVolume there = volumes.get(name);
    if (there != null) {
      return there.quotaBytes() == quotaBytes ? 0 : -Errno.EEXIST;
    }
    volumes.put(name, new MemoryVolume(name, quotaBytes, scratches));
    return 0;
  }

  @Override
  public synchronized int removeVolume(String name) {
    return volumes.remove(name) == null ? -Errno.ENOENT : 0;
  }

  @Override
  public synchronized long verifier() {
    return crashes;
  }

  @Override
  public synchronized List<String> names() {
    return new ArrayList<>(volumes.keySet());
  }
}

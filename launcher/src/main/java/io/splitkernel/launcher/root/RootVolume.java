package io.splitkernel.launcher.root;

import io.splitkernel.ffi.Errno;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.cluster.RunDirectory;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.scomponent.volume.MountPoints;
import io.splitkernel.scomponent.volume.MountSettings;
import io.splitkernel.scomponent.volume.VolumeMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A volume that is mounted for one run. {@link #finish} makes durable what was written, and says
 * when that failed; {@link #close} only takes it away. Control thread.
 */
public final class RootVolume implements AutoCloseable {
  private static final int UNSYNCED_MAX = 65_536;
  private static final int FLUSH_MAX_MS = 600_000;

  private final String name;
  private final Counters<VolumeCounter> counters = new Counters<>(VolumeCounter.class, () -> 0);
  private final TrackedVolume volume;
  private final RunDirectory directory;
  private final VolumeMount mount;

  private RootVolume(String name, Volume volume, RunDirectory directory)
      throws LegoFailure, IOException {
    this.name = name;
    this.volume = new TrackedVolume(volume, counters, UNSYNCED_MAX);
    this.directory = directory;
    int result = this.volume.lookup("/", 0, new FileAttributes());
    if (result < 0) {
      throw new LegoFailure(
          LegoFailure.RUN_FAILURE, "volume '" + name + "': " + Errno.text(result));
    }
    mount =
        VolumeMount.mount(
            this.volume,
            MountSettings.of(directory.path(), name).withAllowOther(MountTools.isRoot()));
  }

  /**
   * Mounts a volume at a directory of its own.
   *
   * @param name of the volume.
   * @param volume to mount; stays the caller's, and must be there until {@link #close}.
   * @param settings with the state directory.
   * @return the mounted volume.
   * @throws LegoFailure when it cannot be mounted; nothing is left then.
   */
  public static RootVolume mount(String name, Volume volume, Settings settings) throws LegoFailure {
    MountTools.check();
    RunDirectory directory = RunDirectory.make(settings);
    try {
      return new RootVolume(name, volume, directory);
    } catch (IOException e) {
      remove(directory);
      throw new LegoFailure(LegoFailure.RUN_FAILURE, e.getMessage(), e);
    } catch (LegoFailure e) {
      remove(directory);
      throw e;
    }
  }

  private static void remove(RunDirectory directory) {
    try {
      directory.close();
    } catch (IOException e) {
      System.err.println("lego run: " + e.getMessage()); // the next run tries again
    }
  }

  /**
   * Where it is mounted.
   *
   * @return absolute path.
   */
  public Path directory() {
    return directory.path();
  }

  /**
   * Unmounts it when its program has ended, and makes durable what was written.
   *
   * @param patienceNs how long to go on when something has failed.
   * @throws LegoFailure when something may be lost, or it cannot be unmounted.
   */
  public void finish(long patienceNs) throws LegoFailure {
    String trouble = flush();
    try {
      mount.close();
    } catch (IOException e) {
      trouble = e.getMessage();
    }
    SyncFailures failures = volume.syncAll(patienceNs);
    if (failures.count() > 0) {
      trouble = failures.toString();
    }
    if (trouble != null) {
      throw new LegoFailure(
          LegoFailure.RUN_FAILURE,
          "not all that the program wrote to the volume '" + name + "' is stored: " + trouble);
    }
  }

  /** Hands over what the program has mapped and written; what went wrong, or null. */
  private String flush() {
    try {
      int result = MountPoints.flush(directory.path(), FLUSH_MAX_MS);
      return result < 0 ? "what was mapped: " + Errno.text(result) : null;
    } catch (IOException e) {
      return "what was mapped: " + e.getMessage();
    }
  }

  /**
   * What was counted.
   *
   * @return by name.
   */
  public Map<String, Long> counters() {
    Map<String, Long> values = new LinkedHashMap<>();
    for (VolumeCounter counter : VolumeCounter.values()) {
      values.put(counter.name().toLowerCase(Locale.ROOT), counters.get(counter));
    }
    return values;
  }

  /** Unmounts it and removes its directory. Idempotent. */
  @Override
  public void close() {
    try {
      mount.close();
    } catch (IOException e) {
      System.err.println("lego run: " + e.getMessage());
    }
    remove(directory);
  }
}

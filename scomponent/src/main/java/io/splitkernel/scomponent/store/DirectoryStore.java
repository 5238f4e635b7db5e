package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.VolumeUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Volumes in a directory of this machine: {@code volumes/NAME/tree} has the files under their own
 * names, modes and owners, {@code tmp} what is being made. One store at a time has a directory.
 */
public final class DirectoryStore implements VolumeProvider, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryStore.class);
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path volumesPath;
  private final int lock;
  private final long verifier;
  private final StoreSettings settings;
  private final BackingFile.Opener files;
  private final ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(Scratch::new);
  private final VolumeEpochs epochs;
  private final Map<String, DirectoryVolume> volumes = new TreeMap<>();

  /** Volumes that are there and cannot be opened. */
  private final Set<String> broken = new TreeSet<>();

  private long removed;
  private boolean closed;

  private DirectoryStore(
      Path volumesPath,
      int lock,
      long verifier,
      VolumeEpochs epochs,
      StoreSettings settings,
      BackingFile.Opener files) {
    this.files = files;
    this.epochs = epochs;
    this.settings = settings;
    this.volumesPath = volumesPath;
    this.lock = lock;
    this.verifier = verifier;
  }

  /**
   * Opens a store, and makes it when the directory is not there or empty.
   *
   * @param root of it, on a file system with extended attributes.
   * @return the store, the caller's to close.
   * @throws IOException in one line when it cannot be used, or is used by somebody else.
   */
  public static DirectoryStore open(Path root) throws IOException {
    return open(root, StoreSettings.DEFAULT);
  }

  /** As {@link #open(Path)}, with limits. */
  public static DirectoryStore open(Path root, StoreSettings settings) throws IOException {
    AheadReader ahead = new AheadReader();
    return open(root, settings, (fd, readOnly) -> new LinuxBackingFile(fd, readOnly, ahead));
  }

  /** As {@link #open(Path, StoreSettings)}, with other files. */
  static DirectoryStore open(Path root, StoreSettings settings, BackingFile.Opener files)
      throws IOException {
    Path volumesPath = root.resolve("volumes");
    Files.createDirectories(volumesPath);
    String lockPath = root.resolve("lock").toString();
    int lock = LinuxFiles.openLocal(lockPath, LinuxFiles.O_RDWR | LinuxFiles.O_CREAT, 0600);
    boolean readOnly = lock == -Errno.EROFS;
    lock = readOnly ? LinuxFiles.openLocal(lockPath, LinuxFiles.O_RDONLY, 0) : lock;
    if (lock < 0) {
      throw new IOException("store " + root + ": lock: " + Errno.text(lock));
    }
    int locked = LinuxFiles.lock(lock);
    if (locked < 0) {
      FileDescriptor.close(lock);
      throw new IOException("store " + root + " is in use by another process");
    }
    long boot = Files.readString(BOOT_ID).strip().hashCode();
    VolumeEpochs epochs = new VolumeEpochs(root.resolve("epochs"), boot);
    DirectoryStore store = new DirectoryStore(volumesPath, lock, boot, epochs, settings, files);
    boolean open = false;
    try {
      store.load(readOnly);
      open = true;
    } finally {
      if (!open) {
        store.close();
      }
    }
    return store;
  }

  private void load(boolean readOnly) throws IOException {
    if (readOnly) {
      LOG.warn("{} is on a read-only file system: its volumes can be read only", volumesPath);
    } else {
      epochs.clear();
    }
    List<Path> found;
    try (Stream<Path> list = Files.list(volumesPath)) {
      found = list.toList();
    }
    for (Path each : found) {
      String name = each.getFileName().toString();
      if (VolumeNames.isVolumeName(name)) {
        loadVolume(name, each, readOnly);
      } else if (!readOnly) {
        TreeRemoval.remove(each);
      }
    }
  }

  /** One that cannot be opened keeps nobody from the others. */
  private void loadVolume(String name, Path path, boolean readOnly) {
    try {
      if (!readOnly) {
        VolumeDirectory.clear(path);
      }
      openVolume(name, path);
    } catch (IOException e) {
      LOG.error("volume {} is not served: {}", name, e.getMessage());
      broken.add(name);
      return;
    }
    try {
      epochs.prepare(name);
    } catch (IOException e) {
      LOG.warn("no space is taken for the epoch of volume {}: {}", name, e.getMessage());
    }
  }

  private void openVolume(String name, Path path) throws IOException {
    volumes.put(name, DirectoryVolume.open(name, path, settings, files, scratches));
  }

  @Override
  public synchronized Volume volume(String name) {
    return volumes.get(name);
  }

  @Override
  public synchronized VolumeUse use(String name) {
    DirectoryVolume volume = volumes.get(name);
    if (volume == null) {
      return broken.contains(name) ? VolumeEpochs.shut() : null;
    }
    return epochs.use(name, volume);
  }

  @Override
  public synchronized int makeVolume(String name, long quotaBytes) {
    if (!VolumeNames.isVolumeName(name) || quotaBytes < 0) {
      return -Errno.EINVAL;
    }
    DirectoryVolume there = volumes.get(name);
    if (there != null) {
      return there.quotaBytes() == quotaBytes ? 0 : -Errno.EEXIST;
    }
    if (broken.contains(name)) {
      return -Errno.EIO;
    }
    Path fresh = volumesPath.resolve(".new-" + name);
    try {
      TreeRemoval.remove(fresh);
      VolumeDirectory.make(fresh, quotaBytes);
      epochs.prepare(name);
      Path path = volumesPath.resolve(name);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      VolumeDirectory.sync(volumesPath);
      openVolume(name, path);
      return 0;
    } catch (IOException e) {
      LOG.error("volume {} cannot be made: {}", name, e.getMessage());
      removeRest(fresh);
      return StoreException.errorOf(e);
    }
  }

  private static void removeRest(Path fresh) {
    try {
      TreeRemoval.remove(fresh);
    } catch (IOException e) {
      LOG.warn("{} stays until the store is opened again: {}", fresh, e.getMessage());
    }
  }

  /** Its files go after its name, so that the others are not kept waiting. */
  @Override
  public int removeVolume(String name) {
    try {
      Path away = takeAway(name);
      if (away == null) {
        return broken.contains(name) ? -Errno.EIO : -Errno.ENOENT;
      }
      TreeRemoval.remove(away);
      return 0;
    } catch (IOException e) {
      return StoreException.errorOf(e);
    }
  }

  private synchronized Path takeAway(String name) throws IOException {
    DirectoryVolume volume = volumes.get(name);
    if (volume == null) {
      return null;
    }
    Path away = volumesPath.resolve(".removed-" + ++removed + "-" + name);
    TreeRemoval.remove(away);
    epochs.end(name);
    Files.move(volumesPath.resolve(name), away, StandardCopyOption.ATOMIC_MOVE);
    volumes.remove(name);
    volume.close();
    VolumeDirectory.sync(volumesPath);
    return away;
  }

  @Override
  public long verifier() {
    return verifier;
  }

  @Override
  public synchronized List<String> names() {
    TreeSet<String> names = new TreeSet<>(volumes.keySet());
    names.addAll(broken);
    return new ArrayList<>(names);
  }

  /** Idempotent. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    volumes.values().forEach(DirectoryVolume::close);
    volumes.clear();
    FileDescriptor.close(lock);
  }
}

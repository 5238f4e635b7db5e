package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.VolumeUse;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Volumes in a directory of this machine: {@code volumes/NAME/tree} has the files under their own
 * names, modes and owners, {@code tmp} what is being made. One store at a time has a directory.
 */
public final class DirectoryStore implements VolumeProvider, AutoCloseable {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path volumesPath;
  private final int lock;
  private final long verifier;
  private final StoreSettings settings;
  private final ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(Scratch::new);
  private final VolumeEpochs epochs;
  private final Map<String, DirectoryVolume> volumes = new TreeMap<>();
  private long removed;
  private boolean closed;

  private DirectoryStore(
      Path volumesPath, int lock, long verifier, VolumeEpochs epochs, StoreSettings settings) {
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
    Path volumesPath = root.resolve("volumes");
    Files.createDirectories(volumesPath);
    int flags = LinuxFiles.O_RDWR | LinuxFiles.O_CREAT;
    int lock = LinuxFiles.openLocal(root.resolve("lock").toString(), flags, 0600);
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
    DirectoryStore store = new DirectoryStore(volumesPath, lock, boot, epochs, settings);
    boolean open = false;
    try {
      store.load();
      open = true;
    } finally {
      if (!open) {
        store.close();
      }
    }
    return store;
  }

  private void load() throws IOException {
    List<Path> found;
    try (Stream<Path> list = Files.list(volumesPath)) {
      found = list.toList();
    }
    for (Path each : found) {
      String name = each.getFileName().toString();
      if (VolumeNames.isVolumeName(name)) {
        volumes.put(name, DirectoryVolume.open(name, each, settings, scratches));
      } else {
        TreeRemoval.remove(each);
      }
    }
  }

  @Override
  public synchronized Volume volume(String name) {
    return volumes.get(name);
  }

  @Override
  public synchronized VolumeUse use(String name) {
    DirectoryVolume volume = volumes.get(name);
    return volume == null ? null : epochs.use(name, volume);
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
    Path fresh = volumesPath.resolve(".new-" + name);
    try {
      TreeRemoval.remove(fresh);
      DirectoryVolume.make(fresh, quotaBytes);
      Path path = volumesPath.resolve(name);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      DirectoryVolume.syncDirectory(volumesPath);
      volumes.put(name, DirectoryVolume.open(name, path, settings, scratches));
      return 0;
    } catch (FileAlreadyExistsException e) {
      return -Errno.EEXIST;
    } catch (IOException e) {
      return DirectoryVolume.errorOf(e);
    }
  }

  /** Its files go after its name, so that the others are not kept waiting. */
  @Override
  public int removeVolume(String name) {
    try {
      Path away = takeAway(name);
      if (away == null) {
        return -Errno.ENOENT;
      }
      TreeRemoval.remove(away);
      return 0;
    } catch (IOException e) {
      return DirectoryVolume.errorOf(e);
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
    DirectoryVolume.syncDirectory(volumesPath);
    return away;
  }

  @Override
  public long verifier() {
    return verifier;
  }

  @Override
  public synchronized List<String> names() {
    return new ArrayList<>(volumes.keySet());
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

package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.VolumeUse;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  /** Files that a volume keeps open. */
  static final int OPEN_FILES_MAX = 1024;

  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path volumesPath;
  private final int lock;
  private final long verifier;
  private final VolumeEpochs epochs;
  private final Map<String, DirectoryVolume> volumes = new TreeMap<>();

  private DirectoryStore(Path volumesPath, int lock, long verifier, VolumeEpochs epochs) {
    this.epochs = epochs;
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
    DirectoryStore store = new DirectoryStore(volumesPath, lock, boot, epochs);
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
        volumes.put(name, DirectoryVolume.open(name, each));
      } else {
        removeTree(each);
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
      removeTree(fresh);
      DirectoryVolume.make(fresh, quotaBytes);
      Path path = volumesPath.resolve(name);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      DirectoryVolume.syncDirectory(volumesPath);
      volumes.put(name, DirectoryVolume.open(name, path));
      return 0;
    } catch (FileAlreadyExistsException e) {
      return -Errno.EEXIST;
    } catch (IOException e) {
      return DirectoryVolume.errorOf(e);
    }
  }

  @Override
  public synchronized int removeVolume(String name) {
    DirectoryVolume volume = volumes.remove(name);
    if (volume == null) {
      return -Errno.ENOENT;
    }
    volume.close();
    try {
      epochs.end(name);
      Path away = volumesPath.resolve(".removed-" + name);
      removeTree(away);
      Files.move(volumesPath.resolve(name), away, StandardCopyOption.ATOMIC_MOVE);
      DirectoryVolume.syncDirectory(volumesPath);
      removeTree(away);
      return 0;
    } catch (IOException e) {
      return DirectoryVolume.errorOf(e);
    }
  }

  static void removeTree(Path path) throws IOException {
    if (!Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path each : tree.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public long verifier() {
    return verifier;
  }

  @Override
  public synchronized List<String> names() {
    return new ArrayList<>(volumes.keySet());
  }

  @Override
  public synchronized void close() {
    volumes.values().forEach(DirectoryVolume::close);
    volumes.clear();
    FileDescriptor.close(lock);
  }
}

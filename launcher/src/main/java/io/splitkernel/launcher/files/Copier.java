package io.splitkernel.launcher.files;

import io.splitkernel.ffi.Errno;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.client.RemoteVolume;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;

/** Copies files and trees between volumes and this machine. One thread. */
public final class Copier {
  private static final int DEFAULT_MODE = 0644;
  private static final int PERMISSIONS = 07777;
  private static final int CAT_BYTES = 1 << 20;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final StorageClients clients;
  private final boolean syncs;
  private final Owner self = Owner.self();

  /** As the other one, and syncs. */
  public Copier(StorageClients clients) {
    this(clients, true);
  }

  /**
   * @param clients of the cluster.
   * @param syncs whether what is copied to a volume is on the device at the end, and a file before
   *     it gets its name.
   */
  public Copier(StorageClients clients, boolean syncs) {
    this.clients = clients;
    this.syncs = syncs;
  }

  /**
   * Copies as cp does: into the target when that is a directory.
   *
   * @param from local path or NAME:/PATH.
   * @param to local path or NAME:/PATH.
   * @param recursive whether directories may be copied.
   * @throws LegoFailure when something cannot be read or written; files that were copied stay.
   */
  public void copy(String from, String to, boolean recursive) throws LegoFailure {
    VolumePath source = VolumePath.parseOrNull(from);
    VolumePath target = VolumePath.parseOrNull(to);
    if (source == null && target == null) {
      throw new LegoFailure(
          LegoFailure.USAGE,
          "neither " + from + " nor " + to + " is on a volume: write NAME:/PATH");
    }
    String name = source == null ? localName(from) : source.name();
    if (target != null) {
      VolumeFile place = VolumeFile.find(clients, target);
      target = place.isDirectory() ? place.at().child(name) : place.at();
    }
    Path local = target == null ? Path.of(to) : null;
    if (local != null && Files.isDirectory(local)) {
      local = local.resolve(name.isEmpty() ? source.volume() : name);
    }
    if (source == null) {
      fromLocal(Path.of(from), target, recursive);
    } else {
      fromVolume(VolumeFile.find(clients, source).existing(), target, local, recursive);
    }
  }

  private static String localName(String path) {
    Path name = Path.of(path).toAbsolutePath().normalize().getFileName();
    return name == null ? "" : name.toString();
  }

  private void fromLocal(Path from, VolumePath to, boolean recursive) throws LegoFailure {
    if (Files.isDirectory(from)) {
      requireRecursive(from.toString(), recursive);
      copyDirectory(to, modeOf(from, 0755));
      List<Path> children;
      try (Stream<Path> list = Files.list(from)) {
        children = list.sorted().toList();
      } catch (IOException e) {
        throw new LegoFailure(LegoFailure.FAILURE, from + ": " + e, e);
      }
      for (Path child : children) {
        fromLocal(child, to.child(child.getFileName().toString()), true);
      }
      return;
    }
    if (Files.isSymbolicLink(from) && recursive) {
      copyLink(from, to);
      return;
    }
    try (CopyEnd source = LocalEnd.source(from);
        CopyEnd target =
            VolumeEnd.target(
                VolumeFile.find(clients, to), modeOf(from, DEFAULT_MODE), self, syncs)) {
      copy(source, target, from.toString(), Files.size(from));
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, from + ": " + e, e);
    }
  }

  private void copyLink(Path from, VolumePath to) throws LegoFailure {
    try {
      String text = Files.readSymbolicLink(from).toString();
      FileAttributes made = new FileAttributes();
      RemoteVolume volume = clients.volume(to.volume());
      VolumeFile.check(volume.makeSymlink(to.path(), text, self.uid(), self.gid(), made), to);
      if (syncs) {
        VolumeEnd.syncName(volume, to);
      }
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, from + ": " + e, e);
    }
  }

  private static int modeOf(Path path, int otherwise) {
    try {
      return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & PERMISSIONS;
    } catch (IOException e) {
      return otherwise;
    }
  }

  private void copyDirectory(VolumePath to, int mode) throws LegoFailure {
    makeDirectory(to, mode);
    if (syncs) {
      VolumeEnd.syncName(clients.volume(to.volume()), to);
    }
  }

  private void makeDirectory(VolumePath at, int mode) throws LegoFailure {
    long id = RANDOM.nextLong() | 1;
    int result =
        clients
            .volume(at.volume())
            .makeDirectory(at.path(), id, mode, self.uid(), self.gid(), new FileAttributes());
    if (result != -Errno.EEXIST) {
      VolumeFile.check(result, at);
    }
  }

  /**
   * Makes a directory.
   *
   * @param at where.
   * @param parents whether its parents are made too, and one that is there is fine.
   * @throws LegoFailure when it cannot be made.
   */
  public void makeDirectory(VolumePath at, boolean parents) throws LegoFailure {
    Volume volume = clients.volume(at.volume());
    String path = at.path();
    for (int end = path.indexOf('/', 1); parents && end > 0; end = path.indexOf('/', end + 1)) {
      makeDirectory(new VolumePath(at.volume(), path.substring(0, end)), 0755);
    }
    long id = RANDOM.nextLong() | 1;
    int result = volume.makeDirectory(path, id, 0755, self.uid(), self.gid(), new FileAttributes());
    if (!parents || result != -Errno.EEXIST) {
      VolumeFile.check(result, at);
    }
  }

  private static void copy(CopyEnd source, CopyEnd target, String what, long bytes)
      throws LegoFailure {
    Progress progress = new Progress(what, bytes);
    try {
      new FileCopy(source, target, progress).run();
    } finally {
      progress.end();
    }
  }

  private void fromVolume(VolumeFile from, VolumePath to, Path local, boolean recursive)
      throws LegoFailure {
    if (from.isDirectory()) {
      requireRecursive(from.at().toString(), recursive);
      treeFromVolume(from, to, local);
      return;
    }
    FileAttributes a = from.attributes();
    int mode = a.mode & PERMISSIONS;
    try (CopyEnd source = VolumeEnd.source(from);
        CopyEnd target =
            to == null
                ? LocalEnd.target(local, mode, syncs)
                : VolumeEnd.target(
                    VolumeFile.find(clients, to), mode, self.ofCopy(a.uid, a.gid), syncs)) {
      copy(source, target, from.at().toString(), a.sizeBytes);
    }
  }

  private void treeFromVolume(VolumeFile from, VolumePath to, Path local) throws LegoFailure {
    if (to != null) {
      copyDirectory(to, from.attributes().mode & PERMISSIONS);
    } else {
      try {
        Files.createDirectories(local);
      } catch (IOException e) {
        throw new LegoFailure(LegoFailure.FAILURE, local + ": " + e, e);
      }
    }
    new DirectoryNames(from)
        .each(name -> {
          VolumeFile child = VolumeFile.find(clients, from.at().child(name)).existing();
          VolumePath target = to == null ? null : to.child(name);
          fromVolume(child, target, local == null ? null : local.resolve(name), true);
        });
  }

  private static void requireRecursive(String what, boolean recursive) throws LegoFailure {
    if (!recursive) {
      throw new LegoFailure(LegoFailure.USAGE, what + " is a directory: give -r");
    }
  }

  /**
   * Writes a file's content to a stream.
   *
   * @param path of it.
   * @param out to write to.
   * @throws LegoFailure when it cannot be read.
   * @throws IOException when the stream takes no more.
   */
  public void cat(VolumePath path, OutputStream out) throws LegoFailure, IOException {
    VolumeFile file = VolumeFile.find(clients, path).existing();
    try (CopyEnd source = VolumeEnd.source(file);
        Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(CAT_BYTES);
      byte[] bytes = new byte[CAT_BYTES];
      long offset = 0;
      int count = source.read(offset, buffer);
      while (count > 0) {
        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, bytes, 0, count);
        out.write(bytes, 0, count);
        offset += count;
        count = source.read(offset, buffer);
      }
      out.flush();
    }
  }

  /**
   * Removes a file or a tree.
   *
   * @param path of it.
   * @param recursive whether directories may be removed.
   * @throws LegoFailure when something cannot be removed.
   */
  public void remove(VolumePath path, boolean recursive) throws LegoFailure {
    FileAttributes attributes = new FileAttributes();
    RemoteVolume volume = clients.volume(path.volume());
    VolumeFile.check(volume.lookup(path.path(), 0, attributes), path);
    if (!attributes.is(FileAttributes.DIRECTORY)) {
      VolumeFile.check(volume.unlink(path.path(), attributes.id, false), path);
      return;
    }
    requireRecursive(path.toString(), recursive);
    new DirectoryNames(new VolumeFile(volume, path, attributes))
        .each(name -> remove(path.child(name), true));
    if (!path.path().equals("/")) {
      VolumeFile.check(volume.removeDirectory(path.path(), attributes.id, false), path);
    }
  }
}

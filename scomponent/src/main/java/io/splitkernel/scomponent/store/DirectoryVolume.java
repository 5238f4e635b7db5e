package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.DirectorySink;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A volume in a directory. Names are those of the directory {@code tree}; contents are {@link
 * CheckedFile}s. Changes of names exclude each other and lookups; contents have locks of their own.
 */
final class DirectoryVolume implements Volume {
  private final int tree;
  private final int temporary;
  private final Charge charge;
  private final OpenFiles open;
  private final ReentrantReadWriteLock names = new ReentrantReadWriteLock();
  private final Namespace namespace;
  private final Contents contents;
  private volatile boolean readOnly;
  private boolean closed;

  private DirectoryVolume(
      String name,
      int tree,
      int temporary,
      Charge charge,
      StoreSettings settings,
      BackingFile.Opener files,
      ThreadLocal<Scratch> scratches) {
    this.tree = tree;
    this.temporary = temporary;
    this.charge = charge;
    this.open = new OpenFiles(settings.openFilesMax());
    this.contents =
        new Contents(name, tree, names.readLock(), open, charge, settings, files, scratches);
    this.namespace = new Namespace(tree, temporary, open, contents);
  }

  static DirectoryVolume open(
      String name,
      Path path,
      StoreSettings settings,
      BackingFile.Opener files,
      ThreadLocal<Scratch> scratches)
      throws IOException {
    long quota = VolumeDescription.read(path.resolve("volume")).quotaBytes();
    Charge charge = new Charge(quota, TreeScan.chargeOf(path.resolve("tree")));
    int tree = VolumeDirectory.open(path.resolve("tree"));
    int temporary;
    try {
      temporary = VolumeDirectory.open(path.resolve("tmp"));
    } catch (IOException e) {
      FileDescriptor.close(tree);
      throw e;
    }
    return new DirectoryVolume(name, tree, temporary, charge, settings, files, scratches);
  }

  long quotaBytes() {
    return charge.quotaBytes();
  }

  /** Whether changes are EROFS, whatever the disk would say. */
  void readOnly(boolean now) {
    readOnly = now;
  }

  /** An operation on names. */
  private interface Step {
    int run();
  }

  private int making(String path, long newId, Step step) {
    return newId == 0 ? -Errno.EINVAL : changing(path, step);
  }

  private int changing(String path, Step step) {
    int form = VolumeNames.check(path);
    if (form < 0) {
      return form;
    }
    names.writeLock().lock();
    try {
      return closed ? -Errno.ESTALE : readOnly ? -Errno.EROFS : step.run();
    } finally {
      names.writeLock().unlock();
    }
  }

  /** A change that leaves names as they are. */
  private int altering(String path, Step step) {
    return readOnly ? -Errno.EROFS : looking(path, step);
  }

  private int looking(String path, Step step) {
    int form = VolumeNames.check(path);
    if (form < 0) {
      return form;
    }
    names.readLock().lock();
    try {
      return closed ? -Errno.ESTALE : step.run();
    } finally {
      names.readLock().unlock();
    }
  }

  @Override
  public int lookup(String path, long id, FileAttributes out) {
    return looking(path, () -> namespace.lookup(path, id, out));
  }

  @Override
  public int create(
      String path, long newId, int flags, int mode, int uid, int gid, FileAttributes out) {
    int type = FileAttributes.REGULAR;
    Namespace.Newcomer file = new Namespace.Newcomer(newId, type | (mode & 07777), uid, gid);
    return making(path, newId, () -> namespace.create(path, file, flags, out));
  }

  @Override
  public int makeDirectory(
      String path, long newId, int mode, int uid, int gid, FileAttributes out) {
    int type = FileAttributes.DIRECTORY;
    Namespace.Newcomer file = new Namespace.Newcomer(newId, type | (mode & 07777), uid, gid);
    return making(path, newId, () -> namespace.make(path, file, null, out));
  }

  @Override
  public int makeSymlink(String path, String target, int uid, int gid, FileAttributes out) {
    Namespace.Newcomer file = new Namespace.Newcomer(0, FileAttributes.SYMLINK | 0777, uid, gid);
    return changing(path, () -> namespace.make(path, file, target, out));
  }

  @Override
  public int makeNode(
      String path, long newId, int mode, long device, int uid, int gid, FileAttributes out) {
    int type = mode & FileAttributes.TYPE_MASK;
    Namespace.Newcomer file = new Namespace.Newcomer(newId, mode & 0xffff, uid, gid);
    if (type == 0 || type == FileAttributes.REGULAR) {
      return create(path, newId, CREATE_EXCLUSIVE, mode, uid, gid, out);
    }
    if (type != FileAttributes.FIFO && type != FileAttributes.SOCKET) {
      return -Errno.EPERM;
    }
    return making(path, newId, () -> namespace.make(path, file, null, out));
  }

  @Override
  public int link(String path, long id, String target, FileAttributes out) {
    int form = VolumeNames.check(target);
    return form < 0 ? form : changing(path, () -> namespace.link(path, id, target, out));
  }

  @Override
  public int unlink(String path, long id, boolean retry) {
    return changing(path, () -> namespace.unlink(path, id, retry));
  }

  @Override
  public int removeDirectory(String path, long id, boolean retry) {
    return changing(path, () -> namespace.removeDirectory(path, id, retry));
  }

  @Override
  public int rename(String path, long id, String target, int flags, boolean retry) {
    int form = VolumeNames.check(target);
    return form < 0 ? form : changing(path, () -> namespace.rename(path, id, target, flags, retry));
  }

  @Override
  public int readLink(String path, ByteSink out) {
    return looking(path, () -> namespace.readLink(path, out));
  }

  @Override
  public int change(String path, long id, AttributeChange change, FileAttributes out) {
    return altering(path, () -> namespace.change(path, id, change, out));
  }

  @Override
  public int readDirectory(String path, long cookie, DirectorySink out) {
    return looking(path, () -> DirectoryReader.read(tree, path, cookie, out));
  }

  @Override
  public int read(String path, long id, long offset, MemorySegment into) {
    int form = VolumeNames.check(path);
    return form < 0 ? form : contents.read(path, id, offset, into);
  }

  @Override
  public int readNow(String path, long id, long offset, MemorySegment into) {
    return VolumeNames.check(path) < 0 ? -Errno.EAGAIN : contents.readNow(path, id, offset, into);
  }

  @Override
  public boolean fetch(long id, long offset, int lengthBytes, int attempt, Fetcher fetcher) {
    return contents.fetch(id, offset, lengthBytes, attempt, fetcher);
  }

  @Override
  public int write(String path, long id, long offset, MemorySegment from) {
    int form = changeable(path);
    return form < 0 ? form : contents.write(path, id, offset, from);
  }

  private int changeable(String path) {
    return readOnly ? -Errno.EROFS : VolumeNames.check(path);
  }

  @Override
  public int sync(String path, long id, boolean dataOnly) {
    int form = VolumeNames.check(path);
    return form < 0 ? form : contents.sync(path, id, dataOnly);
  }

  @Override
  public int startWriteOut(String path, long id) {
    int form = VolumeNames.check(path);
    return form < 0 ? form : contents.startWriteOut(path, id);
  }

  @Override
  public int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    int form = changeable(path);
    return form < 0 ? form : contents.allocate(path, id, flags, offset, lengthBytes);
  }

  @Override
  public int getXattr(String path, String name, ByteSink out) {
    return looking(path, () -> Xattrs.get(tree, path, name, out));
  }

  @Override
  public int setXattr(String path, String name, byte[] value, int flags) {
    return altering(path, () -> Xattrs.set(tree, path, name, value, flags));
  }

  @Override
  public int listXattrs(String path, ByteSink out) {
    return looking(path, () -> Xattrs.list(tree, path, out));
  }

  @Override
  public int removeXattr(String path, String name) {
    return altering(path, () -> Xattrs.remove(tree, path, name));
  }

  @Override
  public int space(VolumeSpace out) {
    LinuxFiles.Space space = LinuxFiles.space(tree);
    if (space == null) {
      return -Errno.EIO;
    }
    long quota = charge.quotaBytes();
    long left = Math.max(0, quota - charge.usedBytes());
    out.totalBytes = quota == 0 ? space.totalBytes() : quota;
    out.freeBytes = quota == 0 ? space.availableBytes() : Math.min(left, space.availableBytes());
    out.filesMax = space.files();
    out.filesFree = space.freeFiles();
    return 0;
  }

  @Override
  public void close() {
    names.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        open.close();
        FileDescriptor.close(tree);
        FileDescriptor.close(temporary);
      }
    } finally {
      names.writeLock().unlock();
    }
  }
}

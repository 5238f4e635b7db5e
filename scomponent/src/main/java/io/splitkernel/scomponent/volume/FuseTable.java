package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.IntSupplier;
import org.cryptomator.jfuse.api.FuseConnInfo;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.fuse_config;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.fuse_conn_info;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.fuse_operations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table of functions that libfuse calls. It is filled in here and not by jfuse's own base
 * class, which has no link, mknod and fallocate, and no inode numbers. An exception must not leave
 * a function, it would end the process: it is logged and becomes EIO.
 */
final class FuseTable {
  private static final Logger LOG = LoggerFactory.getLogger(FuseTable.class);
  private static final int UNWANTED =
      FuseConnInfo.FUSE_CAP_READDIRPLUS
          | FuseConnInfo.FUSE_CAP_READDIRPLUS_AUTO
          | FuseConnInfo.FUSE_CAP_WRITEBACK_CACHE
          | FuseConnInfo.FUSE_CAP_HANDLE_KILLPRIV
          | FuseConnInfo.FUSE_CAP_SPLICE_READ; // written bytes come in one piece, see MountWorker

  private final Arena arena;
  private final MemorySegment table;

  /** Makes the table; its memory is the arena's. */
  FuseTable(Arena arena, Volume volume, FusePaths paths, HiddenFiles hidden) {
    this.arena = arena;
    this.table = fuse_operations.allocate(arena);
    table.fill((byte) 0);
    FuseVolume names = new FuseVolume(volume, paths, hidden);
    fillNames(names);
    fillAttributes(names);
    fillData(new FuseData(volume, paths));
    fillDirectories(new FuseDirectories(volume, paths));
    fillXattrs(new FuseXattrs(volume, paths));
    fuse_operations.init(table, fuse_operations.init.allocate(FuseTable::init, arena));
  }

  /** The {@code struct fuse_operations}. */
  MemorySegment segment() {
    return table;
  }

  private static MemorySegment init(MemorySegment connection, MemorySegment config) {
    fuse_conn_info.want(connection, fuse_conn_info.want(connection) & ~UNWANTED);
    fuse_conn_info.max_write(connection, Volume.TRANSFER_BYTES_MAX);
    fuse_conn_info.max_read(connection, Volume.TRANSFER_BYTES_MAX);
    fuse_config.use_ino(config, 1);
    return MemorySegment.NULL;
  }

  private static int guard(IntSupplier body) {
    try {
      return body.getAsInt();
    } catch (Throwable t) {
      LOG.error("an operation of a mounted volume failed, its caller gets EIO", t);
      return -Errno.EIO;
    }
  }

  private void fillNames(FuseVolume v) {
    fuse_operations.readlink(
        table,
        fuse_operations.readlink.allocate((p, b, n) -> guard(() -> v.readlink(p, b, n)), arena));
    fuse_operations.mknod(
        table, fuse_operations.mknod.allocate((p, m, d) -> guard(() -> v.mknod(p, m, d)), arena));
    fuse_operations.mkdir(
        table, fuse_operations.mkdir.allocate((p, m) -> guard(() -> v.mkdir(p, m)), arena));
    fuse_operations.unlink(
        table, fuse_operations.unlink.allocate(p -> guard(() -> v.unlink(p)), arena));
    fuse_operations.rmdir(
        table, fuse_operations.rmdir.allocate(p -> guard(() -> v.rmdir(p)), arena));
    fuse_operations.symlink(
        table, fuse_operations.symlink.allocate((t, p) -> guard(() -> v.symlink(t, p)), arena));
    fuse_operations.link(
        table, fuse_operations.link.allocate((p, t) -> guard(() -> v.link(p, t)), arena));
    fuse_operations.rename(
        table, fuse_operations.rename.allocate((p, t, f) -> guard(() -> v.rename(p, t, f)), arena));
    fuse_operations.create(
        table,
        fuse_operations.create.allocate((p, m, fi) -> guard(() -> v.create(p, m, fi)), arena));
  }

  private void fillAttributes(FuseVolume v) {
    fuse_operations.getattr(
        table,
        fuse_operations.getattr.allocate((p, s, fi) -> guard(() -> v.getattr(p, s, fi)), arena));
    fuse_operations.chmod(
        table, fuse_operations.chmod.allocate((p, m, fi) -> guard(() -> v.chmod(p, m, fi)), arena));
    fuse_operations.chown(
        table,
        fuse_operations.chown.allocate((p, u, g, fi) -> guard(() -> v.chown(p, u, g, fi)), arena));
    fuse_operations.truncate(
        table,
        fuse_operations.truncate.allocate((p, n, fi) -> guard(() -> v.truncate(p, n, fi)), arena));
    fuse_operations.utimens(
        table,
        fuse_operations.utimens.allocate((p, t, fi) -> guard(() -> v.utimens(p, t, fi)), arena));
    fuse_operations.statfs(
        table, fuse_operations.statfs.allocate((p, s) -> guard(() -> v.statfs(p, s)), arena));
  }

  private void fillData(FuseData d) {
    fuse_operations.open(
        table, fuse_operations.open.allocate((p, fi) -> guard(() -> d.open(p, fi)), arena));
    fuse_operations.read(
        table,
        fuse_operations.read.allocate(
            (p, b, n, at, fi) -> guard(() -> d.read(p, b, n, at, fi)), arena));
    fuse_operations.write(
        table,
        fuse_operations.write.allocate(
            (p, b, n, at, fi) -> guard(() -> d.write(p, b, n, at, fi)), arena));
    fuse_operations.fsync(
        table, fuse_operations.fsync.allocate((p, o, fi) -> guard(() -> d.fsync(p, o, fi)), arena));
    fuse_operations.fallocate(
        table,
        fuse_operations.fallocate.allocate(
            (p, m, at, n, fi) -> guard(() -> d.fallocate(p, m, at, n, fi)), arena));
    // Everything is with the volume when a write is answered: nothing to do at close.
    fuse_operations.flush(table, fuse_operations.flush.allocate((p, fi) -> 0, arena));
  }

  private void fillDirectories(FuseDirectories d) {
    fuse_operations.opendir(
        table, fuse_operations.opendir.allocate((p, fi) -> guard(() -> d.opendir(p, fi)), arena));
    fuse_operations.readdir(
        table,
        fuse_operations.readdir.allocate(
            (p, b, f, at, fi, flags) -> guard(() -> d.readdir(p, b, f, at)), arena));
    fuse_operations.fsyncdir(
        table,
        fuse_operations.fsyncdir.allocate((p, o, fi) -> guard(() -> d.fsyncdir(p, o, fi)), arena));
  }

  private void fillXattrs(FuseXattrs x) {
    fuse_operations.getxattr(
        table,
        fuse_operations.getxattr.allocate(
            (p, n, b, size) -> guard(() -> x.getxattr(p, n, b, size)), arena));
    fuse_operations.listxattr(
        table,
        fuse_operations.listxattr.allocate(
            (p, b, size) -> guard(() -> x.listxattr(p, b, size)), arena));
    fuse_operations.setxattr(
        table,
        fuse_operations.setxattr.allocate(
            (p, n, b, size, flags) -> guard(() -> x.setxattr(p, n, b, size, flags)), arena));
    fuse_operations.removexattr(
        table,
        fuse_operations.removexattr.allocate((p, n) -> guard(() -> x.removexattr(p, n)), arena));
  }
}

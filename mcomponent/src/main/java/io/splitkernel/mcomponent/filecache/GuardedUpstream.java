package io.splitkernel.mcomponent.filecache;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.DirectorySink;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;
import java.lang.foreign.MemorySegment;

/**
 * The upstream volume while it is ours: looks at every answer for a sign that another one has taken
 * it, and asks nothing any more after that. Any thread.
 */
final class GuardedUpstream implements Volume {
  private final Volume to;
  private final Ownership ownership;
  private final Runnable onLoss;
  private volatile boolean lost;

  GuardedUpstream(Volume to, Ownership ownership, Runnable onLoss) {
    this.to = to;
    this.ownership = ownership;
    this.onLoss = onLoss;
  }

  boolean lost() {
    return lost;
  }

  void lost(boolean value) {
    lost = value;
  }

  /** An answer to an operation that names a file by id, or by path only (0). */
  private int seen(int result, long id) {
    if (result == -Errno.ESTALE && !lost && (id == 0 || !ownership.held())) {
      onLoss.run();
    }
    return lost ? -Errno.ESTALE : result;
  }

  @Override
  public int lookup(String path, long id, FileAttributes out) {
    return lost ? -Errno.ESTALE : seen(to.lookup(path, id, out), id);
  }

  @Override
  public int create(
      String path, long newId, int flags, int mode, int uid, int gid, FileAttributes out) {
    return lost ? -Errno.ESTALE : seen(to.create(path, newId, flags, mode, uid, gid, out), 0);
  }

  @Override
  public int makeDirectory(
      String path, long newId, int mode, int uid, int gid, FileAttributes out) {
    return lost ? -Errno.ESTALE : seen(to.makeDirectory(path, newId, mode, uid, gid, out), 0);
  }

  @Override
  public int makeSymlink(String path, String target, int uid, int gid, FileAttributes out) {
    return lost ? -Errno.ESTALE : seen(to.makeSymlink(path, target, uid, gid, out), 0);
  }

  @Override
  public int makeNode(
      String path, long newId, int mode, long device, int uid, int gid, FileAttributes out) {
    return lost ? -Errno.ESTALE : seen(to.makeNode(path, newId, mode, device, uid, gid, out), 0);
  }

  @Override
  public int link(String path, long id, String target, FileAttributes out) {
    return lost ? -Errno.ESTALE : seen(to.link(path, id, target, out), id);
  }

  @Override
  public int unlink(String path, long id, boolean retry) {
    return lost ? -Errno.ESTALE : seen(to.unlink(path, id, retry), id);
  }

  @Override
  public int removeDirectory(String path, long id, boolean retry) {
    return lost ? -Errno.ESTALE : seen(to.removeDirectory(path, id, retry), id);
  }

  @Override
  public int rename(String path, long id, String target, int flags, boolean retry) {
    return lost ? -Errno.ESTALE : seen(to.rename(path, id, target, flags, retry), id);
  }

  @Override
  public int readLink(String path, ByteSink out) {
    return lost ? -Errno.ESTALE : seen(to.readLink(path, out), 0);
  }

  @Override
  public int change(String path, long id, AttributeChange change, FileAttributes out) {
    return lost ? -Errno.ESTALE : seen(to.change(path, id, change, out), id);
  }

  @Override
  public int readDirectory(String path, long cookie, DirectorySink out) {
    return lost ? -Errno.ESTALE : seen(to.readDirectory(path, cookie, out), 0);
  }

  @Override
  public int read(String path, long id, long offset, MemorySegment into) {
    return lost ? -Errno.ESTALE : seen(to.read(path, id, offset, into), id);
  }

  @Override
  public int write(String path, long id, long offset, MemorySegment from) {
    return lost ? -Errno.ESTALE : seen(to.write(path, id, offset, from), id);
  }

  @Override
  public int sync(String path, long id, boolean dataOnly) {
    return lost ? -Errno.ESTALE : seen(to.sync(path, id, dataOnly), id);
  }

  @Override
  public int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    return lost ? -Errno.ESTALE : seen(to.allocate(path, id, flags, offset, lengthBytes), id);
  }

  @Override
  public int getXattr(String path, String name, ByteSink out) {
    return lost ? -Errno.ESTALE : seen(to.getXattr(path, name, out), 0);
  }

  @Override
  public int setXattr(String path, String name, byte[] value, int flags) {
    return lost ? -Errno.ESTALE : seen(to.setXattr(path, name, value, flags), 0);
  }

  @Override
  public int listXattrs(String path, ByteSink out) {
    return lost ? -Errno.ESTALE : seen(to.listXattrs(path, out), 0);
  }

  @Override
  public int removeXattr(String path, String name) {
    return lost ? -Errno.ESTALE : seen(to.removeXattr(path, name), 0);
  }

  @Override
  public int space(VolumeSpace out) {
    return lost ? -Errno.ESTALE : seen(to.space(out), 0);
  }

  @Override
  public void close() {
    to.close();
  }
}

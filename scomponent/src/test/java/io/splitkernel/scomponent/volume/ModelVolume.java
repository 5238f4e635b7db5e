package io.splitkernel.scomponent.volume;

import static io.splitkernel.ffi.Errno.EEXIST;
import static io.splitkernel.ffi.Errno.EFBIG;
import static io.splitkernel.ffi.Errno.EINVAL;
import static io.splitkernel.ffi.Errno.EISDIR;
import static io.splitkernel.ffi.Errno.ELOOP;
import static io.splitkernel.ffi.Errno.ENAMETOOLONG;
import static io.splitkernel.ffi.Errno.ENODATA;
import static io.splitkernel.ffi.Errno.ENOENT;
import static io.splitkernel.ffi.Errno.ENOSPC;
import static io.splitkernel.ffi.Errno.ENOTDIR;
import static io.splitkernel.ffi.Errno.ENOTEMPTY;
import static io.splitkernel.ffi.Errno.EOPNOTSUPP;
import static io.splitkernel.ffi.Errno.EPERM;
import static io.splitkernel.ffi.Errno.ESTALE;

import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.DirectorySink;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A volume in the heap, one lock, as short as it can be: what the others are compared with. Files
 * are at most {@link #FILE_BYTES_MAX} long.
 */
public final class ModelVolume implements Volume {
  static final long FILE_BYTES_MAX = 1L << 30;

  private final ModelNode root = new ModelNode(1, FileAttributes.DIRECTORY | 0755, 0, 0);
  private final Map<Long, ModelNode> byId = new HashMap<>();
  private final long capacityBytes;
  private long usedBytes;

  /** A volume for 1 GiB. */
  public ModelVolume() {
    this(1L << 30);
  }

  /** A volume with a capacity. */
  public ModelVolume(long capacityBytes) {
    this.capacityBytes = capacityBytes;
    byId.put(1L, root);
  }

  /** Number of files and directories with a name, the root among them. */
  public synchronized int files() {
    return byId.size();
  }

  /** Bytes that its files take. */
  public synchronized long usedBytes() {
    return usedBytes;
  }

  private static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;
    final int errno;

    Failure(int errno) {
      super(null, null, false, false);
      this.errno = errno;
    }
  }

  @FunctionalInterface
  private interface Body {
    int run();
  }

  private synchronized int run(Body body) {
    try {
      return body.run();
    } catch (Failure e) {
      return -e.errno;
    }
  }

  private static void check(boolean condition, int errno) {
    if (!condition) {
      throw new Failure(errno);
    }
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private ModelNode parent(String path) {
    check(path.startsWith("/") && path.length() > 1, path.equals("/") ? EEXIST : EINVAL);
    return directory(path.substring(0, Math.max(1, path.lastIndexOf('/'))));
  }

  private ModelNode directory(String path) {
    ModelNode node = find(path);
    check(node != null, ENOENT);
    check(!node.attributes.is(FileAttributes.SYMLINK), ELOOP);
    check(node.isDirectory(), ENOTDIR);
    return node;
  }

  private ModelNode find(String path) {
    if (path.equals("/")) {
      return root;
    }
    check(path.startsWith("/"), EINVAL);
    String name = name(path);
    check(
        !name.isEmpty() && !name.equals(".") && !name.equals("..") && name.indexOf(0) < 0, EINVAL);
    check(name.getBytes(StandardCharsets.UTF_8).length <= NAME_BYTES_MAX, ENAMETOOLONG);
    return parent(path).child(name);
  }

  private ModelNode existing(String path, long id) {
    ModelNode node;
    try {
      node = find(path);
    } catch (Failure e) {
      if (id == 0) {
        throw e;
      }
      node = null;
    }
    if (id != 0 && (node == null || node.attributes.id != id)) {
      node = byId.get(id);
      check(node != null, ESTALE);
    }
    check(node != null, ENOENT);
    return node;
  }

  private ModelNode regular(String path, long id) {
    ModelNode node = existing(path, id);
    check(!node.isDirectory(), EISDIR);
    check(node.isRegular(), EINVAL);
    return node;
  }

  private void resize(ModelNode node, long sizeBytes) {
    check(sizeBytes >= 0, EINVAL);
    check(sizeBytes <= FILE_BYTES_MAX, EFBIG);
    long grown = ((sizeBytes + 4095) & -4096L) - node.attributes.allocatedBytes;
    check(grown <= 0 || usedBytes + grown <= capacityBytes, ENOSPC);
    node.resize(sizeBytes);
    usedBytes += grown;
  }

  private void dropLink(ModelNode node) {
    node.attributes.changedNs = ModelNode.now();
    if (node.isDirectory() || --node.attributes.links == 0) {
      byId.remove(node.attributes.id);
      usedBytes -= node.attributes.allocatedBytes;
    }
  }

  @Override
  public int lookup(String path, long id, FileAttributes out) {
    return run(() -> {
      out.copyFrom(existing(path, id).attributes);
      return 0;
    });
  }

  private int make(String path, long newId, int mode, int uid, int gid, FileAttributes out) {
    ModelNode there = find(path);
    if (there == null) {
      there = new ModelNode(newId, mode, uid, gid);
      parent(path).put(name(path), there);
      byId.put(newId, there);
    }
    check(there.attributes.id == newId, EEXIST);
    out.copyFrom(there.attributes);
    return 0;
  }

  @Override
  public int create(
      String path, long newId, int flags, int mode, int uid, int gid, FileAttributes out) {
    return run(() -> {
      ModelNode there = find(path);
      if (there == null || (flags & CREATE_EXCLUSIVE) != 0) {
        return make(path, newId, FileAttributes.REGULAR | mode, uid, gid, out);
      }
      check(!there.isDirectory(), EISDIR);
      check(there.isRegular(), EEXIST);
      if ((flags & CREATE_TRUNCATE) != 0) {
        resize(there, 0);
      }
      out.copyFrom(there.attributes);
      return 0;
    });
  }

  @Override
  public int makeDirectory(
      String path, long newId, int mode, int uid, int gid, FileAttributes out) {
    return run(() -> make(path, newId, FileAttributes.DIRECTORY | mode, uid, gid, out));
  }

  @Override
  public int makeSymlink(String path, String target, int uid, int gid, FileAttributes out) {
    byte[] bytes = target.getBytes(StandardCharsets.UTF_8);
    return run(() -> {
      ModelNode node = find(path);
      if (node == null) {
        long id = java.util.concurrent.ThreadLocalRandom.current().nextLong() | 1;
        make(path, id, FileAttributes.SYMLINK | 0777, uid, gid, out);
        node = find(path);
        node.data = bytes;
        node.attributes.sizeBytes = bytes.length;
      }
      check(node.attributes.is(FileAttributes.SYMLINK) && Arrays.equals(node.data, bytes), EEXIST);
      out.copyFrom(node.attributes);
      return 0;
    });
  }

  @Override
  public int makeNode(
      String path, long newId, int mode, long device, int uid, int gid, FileAttributes out) {
    return run(() -> {
      make(path, newId, mode, uid, gid, out);
      byId.get(newId).attributes.device = device;
      out.device = device;
      return 0;
    });
  }

  @Override
  public int link(String path, long id, String target, FileAttributes out) {
    return run(() -> {
      ModelNode node = existing(path, id);
      check(!node.isDirectory(), EPERM);
      ModelNode there = find(target);
      check(there == null || there == node, EEXIST);
      if (there == null) {
        parent(target).put(name(target), node);
        node.attributes.links++;
        node.attributes.changedNs = ModelNode.now();
      }
      out.copyFrom(node.attributes);
      return 0;
    });
  }

  private int remove(String path, long id, boolean retry, boolean directory) {
    ModelNode node = find(path);
    if (retry && id != 0 && (node == null || node.attributes.id != id)) {
      return 0;
    }
    check(node != null, ENOENT);
    check(id == 0 || node.attributes.id == id, ESTALE);
    check(node.isDirectory() == directory, directory ? ENOTDIR : EISDIR);
    check(node.entries.isEmpty(), ENOTEMPTY);
    parent(path).remove(name(path));
    dropLink(node);
    return 0;
  }

  @Override
  public int unlink(String path, long id, boolean retry) {
    return run(() -> remove(path, id, retry, false));
  }

  @Override
  public int removeDirectory(String path, long id, boolean retry) {
    return run(() -> remove(path, id, retry, true));
  }

  @Override
  public int rename(String path, long id, String target, int flags, boolean retry) {
    return run(() -> {
      ModelNode node = find(path);
      ModelNode there = find(target);
      if (retry && id != 0 && there != null && there.attributes.id == id) {
        return 0;
      }
      check(node != null, ENOENT);
      check(id == 0 || node.attributes.id == id, ESTALE);
      check(!(target + "/").startsWith(path + "/") || target.equals(path), EINVAL);
      ModelNode from = parent(path);
      ModelNode to = parent(target);
      if (there == node) {
        check((flags & RENAME_NOREPLACE) == 0, EEXIST);
        return 0;
      }
      if (flags == RENAME_EXCHANGE) {
        check(there != null, ENOENT);
        check(!(path + "/").startsWith(target + "/"), EINVAL);
        from.put(name(path), there);
        to.put(name(target), node);
        return 0;
      }
      if (there != null) {
        check((flags & RENAME_NOREPLACE) == 0, EEXIST);
        check(node.isDirectory() || !there.isDirectory(), EISDIR);
        check(!node.isDirectory() || there.isDirectory(), ENOTDIR);
        check(there.entries.isEmpty(), ENOTEMPTY);
        to.remove(name(target));
        dropLink(there);
      }
      from.remove(name(path));
      to.put(name(target), node);
      node.attributes.changedNs = ModelNode.now();
      return 0;
    });
  }

  @Override
  public int readLink(String path, ByteSink out) {
    return run(() -> {
      ModelNode node = existing(path, 0);
      check(node.attributes.is(FileAttributes.SYMLINK), EINVAL);
      out.accept(MemorySegment.ofArray(node.data));
      return node.data.length;
    });
  }

  @Override
  public int change(String path, long id, AttributeChange change, FileAttributes out) {
    return run(() -> {
      ModelNode node = existing(path, id);
      FileAttributes a = node.attributes;
      if (change.has(AttributeChange.SIZE)) {
        resize(regular(path, id), change.sizeBytes());
      }
      long now = ModelNode.now();
      if (change.has(AttributeChange.MODE)) {
        a.mode = (a.mode & FileAttributes.TYPE_MASK) | change.mode();
      }
      a.uid = change.has(AttributeChange.UID) ? change.uid() : a.uid;
      a.gid = change.has(AttributeChange.GID) ? change.gid() : a.gid;
      if (change.has(AttributeChange.ACCESSED)) {
        boolean isNow = change.accessedNs() == AttributeChange.NOW;
        a.accessedNs = isNow ? now : change.accessedNs();
      }
      if (change.has(AttributeChange.MODIFIED)) {
        boolean isNow = change.modifiedNs() == AttributeChange.NOW;
        a.modifiedNs = isNow ? now : change.modifiedNs();
      }
      a.changedNs = now;
      out.copyFrom(a);
      return 0;
    });
  }

  @Override
  public int readDirectory(String path, long cookie, DirectorySink out) {
    return run(() -> {
      int taken = 0;
      for (ModelNode.Entry e : directory(path).byCookie.tailMap(cookie, false).values()) {
        FileAttributes a = e.node().attributes;
        if (!out.entry(e.name(), a.id, a.mode & FileAttributes.TYPE_MASK, e.cookie())) {
          break;
        }
        taken++;
      }
      return taken;
    });
  }

  @Override
  public int read(String path, long id, long offset, MemorySegment into) {
    return run(() -> {
      ModelNode node = regular(path, id);
      check(offset >= 0, EINVAL);
      int n = (int) Math.clamp(node.attributes.sizeBytes - offset, 0, into.byteSize());
      MemorySegment.copy(
          node.data, (int) Math.min(offset, node.data.length), into, ValueLayout.JAVA_BYTE, 0, n);
      return n;
    });
  }

  @Override
  public int write(String path, long id, long offset, MemorySegment from) {
    return run(() -> {
      ModelNode node = regular(path, id);
      int n = (int) from.byteSize();
      check(offset >= 0, EINVAL);
      resize(node, Math.max(node.attributes.sizeBytes, offset + n));
      MemorySegment.copy(from, ValueLayout.JAVA_BYTE, 0, node.data, (int) offset, n);
      return n;
    });
  }

  @Override
  public int sync(String path, long id, boolean dataOnly) {
    return run(() -> {
      existing(path, id);
      return 0;
    });
  }

  @Override
  public int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    return run(() -> {
      ModelNode node = regular(path, id);
      check(offset >= 0 && lengthBytes > 0, EINVAL);
      long end = offset + lengthBytes;
      long size = node.attributes.sizeBytes;
      switch (flags) {
        case 0 -> resize(node, Math.max(size, end));
        case ALLOCATE_KEEP_SIZE -> {}
        case ALLOCATE_KEEP_SIZE | ALLOCATE_PUNCH_HOLE -> {
          int to = (int) Math.min(size, end);
          Arrays.fill(node.data, (int) Math.min(offset, to), to, (byte) 0);
        }
        default -> throw new Failure(EOPNOTSUPP);
      }
      return 0;
    });
  }

  @Override
  public int getXattr(String path, String name, ByteSink out) {
    return run(() -> {
      byte[] value = existing(path, 0).xattrs.get(name);
      check(value != null, ENODATA);
      out.accept(MemorySegment.ofArray(value));
      return value.length;
    });
  }

  @Override
  public int setXattr(String path, String name, byte[] value, int flags) {
    return run(() -> {
      Map<String, byte[]> xattrs = existing(path, 0).xattrs;
      check(name.startsWith("user."), EOPNOTSUPP);
      check((flags & XATTR_CREATE) == 0 || !xattrs.containsKey(name), EEXIST);
      check((flags & XATTR_REPLACE) == 0 || xattrs.containsKey(name), ENODATA);
      xattrs.put(name, value.clone());
      return 0;
    });
  }

  @Override
  public int listXattrs(String path, ByteSink out) {
    return run(() -> {
      StringBuilder names = new StringBuilder();
      existing(path, 0).xattrs.keySet().forEach(name -> names.append(name).append('\0'));
      byte[] bytes = names.toString().getBytes(StandardCharsets.UTF_8);
      out.accept(MemorySegment.ofArray(bytes));
      return bytes.length;
    });
  }

  @Override
  public int removeXattr(String path, String name) {
    return run(() -> {
      check(existing(path, 0).xattrs.remove(name) != null, ENODATA);
      return 0;
    });
  }

  @Override
  public synchronized int space(VolumeSpace out) {
    out.totalBytes = capacityBytes;
    out.freeBytes = capacityBytes - usedBytes;
    out.filesMax = 1L << 24;
    out.filesFree = out.filesMax - byId.size();
    return 0;
  }

  @Override
  public void close() {}
}

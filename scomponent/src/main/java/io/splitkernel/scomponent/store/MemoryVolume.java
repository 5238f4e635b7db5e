package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.MemoryTree.check;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.DirectorySink;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A volume of a {@link MemoryStore}; one lock. Contents are {@link CheckedFile}s. */
final class MemoryVolume implements Volume {
  private static final long FILES_MAX = 1L << 24;
  private static final long LINK_IDS = Long.MIN_VALUE;

  private final MemoryTree tree = new MemoryTree(this::onLost);
  private final MemoryContents contents;
  private long links;

  MemoryVolume(String name, long quotaBytes, ThreadLocal<Scratch> scratches) {
    this.contents = new MemoryContents(name, quotaBytes, scratches);
  }

  long quotaBytes() {
    return contents.charge().quotaBytes();
  }

  private void onLost(MemoryNode node) {
    contents.removed(node);
  }

  /** Contents lose changes that were not synced; names and attributes stay. */
  synchronized void crash(RandomGenerator random) {
    contents.crash(tree.nodes(), random);
  }

  /** An operation. */
  private interface Step {
    int run();
  }

  private synchronized int run(Step step) {
    try {
      return step.run();
    } catch (MemoryTree.Failure e) {
      return e.result;
    }
  }

  private static int give(MemoryNode node, FileAttributes out) {
    node.fill(out);
    return 0;
  }

  @Override
  public int lookup(String path, long id, FileAttributes out) {
    return run(() -> give(tree.existing(path, id), out));
  }

  @Override
  public int create(
      String path, long newId, int flags, int mode, int uid, int gid, FileAttributes out) {
    return run(() -> {
      check(newId != 0, Errno.EINVAL);
      MemoryNode node = tree.find(path);
      if (node == null || (flags & CREATE_EXCLUSIVE) != 0) {
        node =
            tree.add(path, contents.file(newId, FileAttributes.REGULAR | (mode & 07777), uid, gid));
      }
      check(!node.is(FileAttributes.DIRECTORY), Errno.EISDIR);
      check(!node.is(FileAttributes.SYMLINK), Errno.ELOOP);
      check(node.is(FileAttributes.REGULAR), Errno.EEXIST);
      int result = (flags & CREATE_TRUNCATE) == 0 ? 0 : contents.setSize(node, 0);
      return result < 0 ? result : give(node, out);
    });
  }

  private int add(String path, MemoryNode made, FileAttributes out) {
    return run(() -> give(tree.add(path, made), out));
  }

  @Override
  public int makeDirectory(
      String path, long newId, int mode, int uid, int gid, FileAttributes out) {
    int type = FileAttributes.DIRECTORY;
    return add(path, new MemoryNode(newId, type | (mode & 07777), uid, gid), out);
  }

  @Override
  public int makeSymlink(String path, String target, int uid, int gid, FileAttributes out) {
    return run(() -> {
      check(!target.isEmpty(), Errno.ENOENT);
      byte[] bytes = target.getBytes(StandardCharsets.UTF_8);
      check(bytes.length <= PATH_BYTES_MAX, Errno.ENAMETOOLONG);
      MemoryNode made = new MemoryNode(LINK_IDS | ++links, FileAttributes.SYMLINK | 0777, uid, gid);
      made.target = target;
      made.attributes.sizeBytes = bytes.length;
      return give(tree.add(path, made), out);
    });
  }

  @Override
  public int makeNode(
      String path, long newId, int mode, long device, int uid, int gid, FileAttributes out) {
    int type = mode & FileAttributes.TYPE_MASK;
    if (type == 0 || type == FileAttributes.REGULAR) {
      return create(path, newId, CREATE_EXCLUSIVE, mode, uid, gid, out);
    }
    boolean kept = type == FileAttributes.FIFO || type == FileAttributes.SOCKET;
    return kept ? add(path, new MemoryNode(newId, mode & 0xffff, uid, gid), out) : -Errno.EPERM;
  }

  @Override
  public int link(String path, long id, String target, FileAttributes out) {
    return run(() -> give(tree.link(path, id, target), out));
  }

  @Override
  public int unlink(String path, long id, boolean retry) {
    return run(() -> {
      tree.remove(path, id, retry, false);
      return 0;
    });
  }

  @Override
  public int removeDirectory(String path, long id, boolean retry) {
    return run(() -> {
      tree.remove(path, id, retry, true);
      return 0;
    });
  }

  @Override
  public int rename(String path, long id, String target, int flags, boolean retry) {
    return run(() -> {
      tree.rename(path, id, target, flags, retry);
      return 0;
    });
  }

  @Override
  public int readLink(String path, ByteSink out) {
    return run(() -> {
      MemoryNode node = tree.existing(path);
      check(node.is(FileAttributes.SYMLINK), Errno.EINVAL);
      return give(node.target.getBytes(StandardCharsets.UTF_8), out);
    });
  }

  private static int give(byte[] bytes, ByteSink out) {
    out.accept(MemorySegment.ofArray(bytes));
    return bytes.length;
  }

  @Override
  public int change(String path, long id, AttributeChange change, FileAttributes out) {
    return run(() -> {
      MemoryNode node = tree.existing(path, id);
      boolean link = node.is(FileAttributes.SYMLINK);
      check(!change.has(AttributeChange.MODE) || !link, Errno.EOPNOTSUPP);
      if (change.has(AttributeChange.SIZE)) {
        check(!node.is(FileAttributes.DIRECTORY), Errno.EISDIR);
        check(node.content != null, Errno.EINVAL);
        int result = contents.setSize(node, change.sizeBytes());
        check(result == 0, -result);
      }
      node.change(change);
      return give(node, out);
    });
  }

  @Override
  public int readDirectory(String path, long cookie, DirectorySink out) {
    return run(() -> {
      MemoryNode node = tree.existing(path);
      check(!node.is(FileAttributes.SYMLINK), Errno.ELOOP);
      check(node.is(FileAttributes.DIRECTORY), Errno.ENOTDIR);
      int taken = 0;
      for (MemoryNode.Entry e : node.byCookie.tailMap(cookie, false).values()) {
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
    return run(() -> tree.regular(path, id).content.read(offset, into));
  }

  @Override
  public int write(String path, long id, long offset, MemorySegment from) {
    return run(() -> contents.write(tree.regular(path, id), offset, from));
  }

  @Override
  public int sync(String path, long id, boolean dataOnly) {
    return run(() -> {
      MemoryNode node = tree.existing(path, id);
      return node.is(FileAttributes.DIRECTORY) ? 0 : tree.regular(path, id).content.sync(dataOnly);
    });
  }

  @Override
  public int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    return run(() -> {
      MemoryContents.checkAllocation(flags);
      return contents.allocate(tree.regular(path, id), flags, offset, lengthBytes);
    });
  }

  @Override
  public int getXattr(String path, String key, ByteSink out) {
    return run(() -> {
      MemoryNode node = tree.existing(path);
      check(key.startsWith(Xattrs.USERS), Errno.EOPNOTSUPP);
      byte[] value = node.xattrs.get(key);
      check(value != null, Errno.ENODATA);
      return give(value, out);
    });
  }

  @Override
  public int setXattr(String path, String key, byte[] value, int flags) {
    return run(() -> {
      MemoryNode node = tree.existing(path);
      Map<String, byte[]> xattrs = node.xattrs;
      check(Xattrs.isUsers(key), Errno.EOPNOTSUPP);
      check(value.length <= XATTR_BYTES_MAX, Errno.E2BIG);
      boolean holds = node.is(FileAttributes.REGULAR) || node.is(FileAttributes.DIRECTORY);
      check(holds, Errno.EPERM);
      check((flags & XATTR_CREATE) == 0 || !xattrs.containsKey(key), Errno.EEXIST);
      check((flags & XATTR_REPLACE) == 0 || xattrs.containsKey(key), Errno.ENODATA);
      xattrs.put(key, value.clone());
      return 0;
    });
  }

  @Override
  public int listXattrs(String path, ByteSink out) {
    return run(() -> {
      StringBuilder names = new StringBuilder();
      tree.existing(path).xattrs.keySet().forEach(key -> names.append(key).append('\0'));
      return give(names.toString().getBytes(StandardCharsets.UTF_8), out);
    });
  }

  @Override
  public int removeXattr(String path, String key) {
    return run(() -> {
      MemoryNode node = tree.existing(path);
      check(key.startsWith(Xattrs.USERS), Errno.EOPNOTSUPP);
      check(node.xattrs.remove(key) != null, Errno.ENODATA);
      return 0;
    });
  }

  @Override
  public synchronized int space(VolumeSpace out) {
    Charge charge = contents.charge();
    long quota = charge.quotaBytes();
    out.totalBytes = quota == 0 ? CheckedLayout.SIZE_MAX : quota;
    out.freeBytes = Math.max(0, out.totalBytes - charge.usedBytes());
    out.filesMax = FILES_MAX;
    out.filesFree = Math.max(0, FILES_MAX - tree.size());
    return 0;
  }

  @Override
  public void close() {}
}

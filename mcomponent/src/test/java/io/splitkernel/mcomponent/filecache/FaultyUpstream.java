package io.splitkernel.mcomponent.filecache;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.DirectorySink;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToIntFunction;

/**
 * A short volume in memory that fails when told to, counts what it is asked, and can forget what it
 * has not synced. Files and directories only.
 */
final class FaultyUpstream implements Volume {
  /** A file or directory. */
  static final class Node {
    final long id;
    int mode;
    int links = 1;
    byte[] bytes = new byte[0];
    byte[] synced = new byte[0];
    boolean lostSome;
    long modifiedNs;
    long changedNs;

    Node(long id, int mode) {
      this.id = id;
      this.mode = mode;
    }
  }

  final TreeMap<String, Node> tree = new TreeMap<>();
  final Map<String, Integer> calls = new TreeMap<>();

  /** Given the operation's name, an error to answer instead, or 0. */
  volatile ToIntFunction<String> fault = operation -> 0;

  /** Awaited by every write, outside of the lock. */
  volatile CountDownLatch writesWait = new CountDownLatch(0);

  /** Awaited by the next read, once it has its bytes. */
  final AtomicReference<CountDownLatch> readWaits = new AtomicReference<>();

  long quotaBytes = 1L << 40;
  private long now = 1_000_000_000L;

  FaultyUpstream() {
    tree.put("/", new Node(1, FileAttributes.DIRECTORY | 0755));
  }

  private int begin(String operation) {
    int error = fault.applyAsInt(operation);
    synchronized (this) {
      calls.merge(operation, 1, Integer::sum);
    }
    return error;
  }

  synchronized int calls(String operation) {
    return calls.getOrDefault(operation, 0);
  }

  /** Forgets what was not synced: every block is random the new or the old one. Names stay. */
  synchronized void crash(Random random) {
    for (Node node : new HashSet<>(tree.values())) {
      byte[] after = node.bytes.clone();
      for (int at = 0; at < after.length; at += BLOCK_BYTES) {
        if (random.nextBoolean()) {
          int end = Math.min(after.length, at + BLOCK_BYTES);
          Arrays.fill(after, at, end, (byte) 0);
          int kept = Math.min(end, node.synced.length) - at;
          if (kept > 0) {
            System.arraycopy(node.synced, at, after, at, kept);
          }
        }
      }
      node.lostSome |= !Arrays.equals(after, node.bytes);
      node.bytes = after;
      node.synced = after.clone();
    }
  }

  synchronized byte[] content(String path) {
    return tree.get(path).bytes.clone();
  }

  synchronized byte[] syncedContent(String path) {
    return tree.get(path).synced.clone();
  }

  private Node find(String path, long id) {
    Node node = tree.get(path);
    return node != null && (id == 0 || node.id == id) ? node : null;
  }

  private int missing(String path, long id) {
    if (id != 0) {
      return -Errno.ESTALE;
    }
    Node parent = tree.get(parent(path));
    return parent != null && !isDirectory(parent) ? -Errno.ENOTDIR : -Errno.ENOENT;
  }

  private static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash == 0 ? "/" : path.substring(0, slash);
  }

  private static boolean isDirectory(Node node) {
    return (node.mode & FileAttributes.TYPE_MASK) == FileAttributes.DIRECTORY;
  }

  private static void tell(Node node, FileAttributes out) {
    out.id = node.id;
    out.mode = node.mode;
    out.links = node.links;
    out.sizeBytes = node.bytes.length;
    out.allocatedBytes = node.bytes.length;
    out.modifiedNs = node.modifiedNs;
    out.changedNs = node.changedNs;
  }

  private void touch(Node node) {
    now += 1000;
    node.modifiedNs = now;
    node.changedNs = now;
  }

  private boolean fits(long more) {
    long used = 0;
    for (Node node : new HashSet<>(tree.values())) {
      used += (node.bytes.length + BLOCK_BYTES - 1) & -BLOCK_BYTES;
    }
    return used + more <= quotaBytes;
  }

  private static long grown(Node node, long size) {
    return ((size + BLOCK_BYTES - 1) & -BLOCK_BYTES)
        - ((node.bytes.length + BLOCK_BYTES - 1) & -BLOCK_BYTES);
  }

  @Override
  public int lookup(String path, long id, FileAttributes out) {
    int error = begin("lookup");
    if (error != 0) {
      return error;
    }
    synchronized (this) {
      Node node = find(path, id);
      if (node == null) {
        return missing(path, id);
      }
      tell(node, out);
      return 0;
    }
  }

  private synchronized int make(String path, long newId, int mode, FileAttributes out) {
    Node parent = tree.get(parent(path));
    if (parent == null || !isDirectory(parent)) {
      return parent == null ? -Errno.ENOENT : -Errno.ENOTDIR;
    }
    Node node = new Node(newId, mode);
    touch(node);
    tree.put(path, node);
    tell(node, out);
    return 0;
  }

  @Override
  public int create(
      String path, long newId, int flags, int mode, int uid, int gid, FileAttributes out) {
    int error = begin("create");
    if (error != 0) {
      return error;
    }
    synchronized (this) {
      Node node = tree.get(path);
      if (node == null) {
        return make(path, newId, FileAttributes.REGULAR | mode, out);
      }
      if (isDirectory(node)) {
        return -Errno.EISDIR;
      }
      if ((flags & CREATE_EXCLUSIVE) != 0 && node.id != newId) {
        return -Errno.EEXIST;
      }
      if ((flags & CREATE_TRUNCATE) != 0) {
        node.bytes = new byte[0];
      }
      tell(node, out);
      return 0;
    }
  }

  @Override
  public int makeDirectory(
      String path, long newId, int mode, int uid, int gid, FileAttributes out) {
    int error = begin("makeDirectory");
    return error != 0 ? error : make(path, newId, FileAttributes.DIRECTORY | mode, out);
  }

  @Override
  public int makeSymlink(String path, String target, int uid, int gid, FileAttributes out) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public int makeNode(
      String path, long newId, int mode, long device, int uid, int gid, FileAttributes out) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public int link(String path, long id, String target, FileAttributes out) {
    int error = begin("link");
    if (error != 0) {
      return error;
    }
    synchronized (this) {
      Node node = find(path, id);
      if (node == null) {
        return missing(path, id);
      }
      if (tree.containsKey(target)) {
        return -Errno.EEXIST;
      }
      node.links++;
      tree.put(target, node);
      tell(node, out);
      return 0;
    }
  }

  @Override
  public int unlink(String path, long id, boolean retry) {
    int error = begin("unlink");
    if (error != 0) {
      return error;
    }
    synchronized (this) {
      Node node = find(path, id);
      if (node == null) {
        return retry && id != 0 ? 0 : missing(path, id);
      }
      if (isDirectory(node)) {
        return -Errno.EISDIR;
      }
      tree.remove(path);
      node.links--;
      return 0;
    }
  }

  @Override
  public int removeDirectory(String path, long id, boolean retry) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public int rename(String path, long id, String target, int flags, boolean retry) {
    int error = begin("rename");
    if (error != 0) {
      return error;
    }
    synchronized (this) {
      Node node = find(path, id);
      Node there = tree.get(target);
      if (node == null) {
        return retry && there != null && there.id == id ? 0 : missing(path, id);
      }
      if (flags == RENAME_NOREPLACE && there != null) {
        return -Errno.EEXIST;
      }
      if (flags == RENAME_EXCHANGE && there == null) {
        return -Errno.ENOENT;
      }
      if (node == there) {
        return 0;
      }
      if (there != null && flags != RENAME_EXCHANGE) {
        if (isDirectory(there) != isDirectory(node)) {
          return isDirectory(there) ? -Errno.EISDIR : -Errno.ENOTDIR;
        }
        tree.remove(target);
        there.links--;
      }
      Map<String, Node> moved = take(path, target);
      if (flags == RENAME_EXCHANGE) {
        moved.putAll(take(target, path));
      }
      tree.putAll(moved);
      return 0;
    }
  }

  private Map<String, Node> take(String from, String to) {
    Map<String, Node> moved = new TreeMap<>();
    for (String path : new ArrayList<>(tree.keySet())) {
      if (path.equals(from) || path.startsWith(from + "/")) {
        moved.put(to + path.substring(from.length()), tree.remove(path));
      }
    }
    return moved;
  }

  @Override
  public int readLink(String path, ByteSink out) {
    return -Errno.EINVAL;
  }

  @Override
  public int change(String path, long id, AttributeChange change, FileAttributes out) {
    int error = begin(change.has(AttributeChange.SIZE) ? "resize" : "change");
    if (error != 0) {
      return error;
    }
    synchronized (this) {
      Node node = find(path, id);
      if (node == null) {
        return missing(path, id);
      }
      if (change.has(AttributeChange.SIZE)) {
        if (isDirectory(node)) {
          return -Errno.EISDIR;
        }
        if (!fits(grown(node, change.sizeBytes()))) {
          return -Errno.ENOSPC;
        }
        node.bytes = Arrays.copyOf(node.bytes, (int) change.sizeBytes());
        node.synced = Arrays.copyOf(node.synced, Math.min(node.synced.length, node.bytes.length));
        touch(node);
      }
      if (change.has(AttributeChange.MODE)) {
        node.mode = (node.mode & FileAttributes.TYPE_MASK) | change.mode();
      }
      if (change.has(AttributeChange.MODIFIED)) {
        node.modifiedNs = change.modifiedNs();
      }
      tell(node, out);
      return 0;
    }
  }

  @Override
  public int readDirectory(String path, long cookie, DirectorySink out) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public int read(String path, long id, long offset, MemorySegment into) {
    int result = readThrough(path, id, offset, into);
    CountDownLatch wait = readWaits.getAndSet(null);
    try {
      if (wait != null) {
        wait.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return result;
  }

  private int readThrough(String path, long id, long offset, MemorySegment into) {
    int error = begin("read");
    if (error != 0) {
      return error;
    }
    synchronized (this) {
      Node node = find(path, id);
      if (node == null) {
        return missing(path, id);
      }
      if (isDirectory(node)) {
        return -Errno.EISDIR;
      }
      int length = (int) Math.max(0, Math.min(into.byteSize(), node.bytes.length - offset));
      if (length > 0) {
        MemorySegment.copy(MemorySegment.ofArray(node.bytes), offset, into, 0, length);
      }
      return length;
    }
  }

  @Override
  public int write(String path, long id, long offset, MemorySegment from) {
    int error = begin("write");
    try {
      writesWait.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -Errno.EINTR;
    }
    if (error != 0) {
      return error;
    }
    synchronized (this) {
      Node node = find(path, id);
      if (node == null) {
        return missing(path, id);
      }
      if (isDirectory(node)) {
        return -Errno.EISDIR;
      }
      if (from.byteSize() == 0) {
        return 0;
      }
      long end = Math.max(node.bytes.length, offset + from.byteSize());
      if (!fits(grown(node, end))) {
        return -Errno.ENOSPC;
      }
      node.bytes = Arrays.copyOf(node.bytes, (int) end);
      MemorySegment.copy(from, 0, MemorySegment.ofArray(node.bytes), offset, from.byteSize());
      touch(node);
      return (int) from.byteSize();
    }
  }

  @Override
  public int sync(String path, long id, boolean dataOnly) {
    int error = begin("sync");
    if (error != 0) {
      return error;
    }
    synchronized (this) {
      Node node = find(path, id);
      if (node == null) {
        return missing(path, id);
      }
      if (node.lostSome) {
        node.lostSome = false;
        return -Errno.EIO;
      }
      node.synced = node.bytes.clone();
      return 0;
    }
  }

  @Override
  public int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    int error = begin("allocate");
    if (error != 0) {
      return error;
    }
    synchronized (this) {
      Node node = find(path, id);
      if (node == null) {
        return missing(path, id);
      }
      int end = (int) (offset + lengthBytes);
      if ((flags & ALLOCATE_PUNCH_HOLE) != 0) {
        int last = Math.min(end, node.bytes.length);
        if (offset < last) {
          Arrays.fill(node.bytes, (int) offset, last, (byte) 0);
        }
      } else if ((flags & ALLOCATE_KEEP_SIZE) == 0 && end > node.bytes.length) {
        if (!fits(grown(node, end))) {
          return -Errno.ENOSPC;
        }
        node.bytes = Arrays.copyOf(node.bytes, end);
      }
      return 0;
    }
  }

  @Override
  public int getXattr(String path, String name, ByteSink out) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public int setXattr(String path, String name, byte[] value, int flags) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public int listXattrs(String path, ByteSink out) {
    return 0;
  }

  @Override
  public int removeXattr(String path, String name) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public int space(VolumeSpace out) {
    int error = begin("space");
    if (error != 0) {
      return error;
    }
    synchronized (this) {
      long used = 0;
      for (Node node : new HashSet<>(tree.values())) {
        used += (node.bytes.length + BLOCK_BYTES - 1) & -BLOCK_BYTES;
      }
      out.totalBytes = quotaBytes;
      out.freeBytes = quotaBytes - used;
      return 0;
    }
  }

  @Override
  public void close() {}
}

package io.splitkernel.scomponent.store;

import static io.splitkernel.ffi.Errno.EBUSY;
import static io.splitkernel.ffi.Errno.EEXIST;
import static io.splitkernel.ffi.Errno.EINVAL;
import static io.splitkernel.ffi.Errno.EISDIR;
import static io.splitkernel.ffi.Errno.ELOOP;
import static io.splitkernel.ffi.Errno.ENOENT;
import static io.splitkernel.ffi.Errno.ENOTDIR;
import static io.splitkernel.ffi.Errno.ENOTEMPTY;
import static io.splitkernel.ffi.Errno.EPERM;
import static io.splitkernel.ffi.Errno.ESTALE;

import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.util.function.Consumer;
import org.agrona.collections.Long2ObjectHashMap;

/** Names of a {@link MemoryVolume}, which guards it. Failures are thrown and become results. */
final class MemoryTree {
  private static final long ROOT_ID = 1;

  private final MemoryNode root = new MemoryNode(ROOT_ID, FileAttributes.DIRECTORY | 0755, 0, 0);
  private final Long2ObjectHashMap<MemoryNode> byId = new Long2ObjectHashMap<>();
  private final Consumer<MemoryNode> onLost;

  /** A result other than success. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;
    final int result;

    Failure(int result) {
      super(null, null, false, false);
      this.result = result;
    }
  }

  /** A tree that tells of nodes that have lost their last name. */
  MemoryTree(Consumer<MemoryNode> onLost) {
    this.onLost = onLost;
    byId.put(ROOT_ID, root);
  }

  static void check(boolean condition, int errno) {
    if (!condition) {
      throw new Failure(-errno);
    }
  }

  Iterable<MemoryNode> nodes() {
    return byId.values();
  }

  int size() {
    return byId.size();
  }

  private static void checkForm(String path) {
    int form = VolumeNames.check(path);
    if (form < 0) {
      throw new Failure(form);
    }
  }

  /** The node at a path, or null when its directory has none of that name. */
  MemoryNode find(String path) {
    checkForm(path);
    return path.equals("/") ? root : parent(path).child(VolumeNames.leaf(path));
  }

  private MemoryNode parent(String path) {
    MemoryNode at = root;
    String parent = VolumeNames.parent(path);
    if (parent.equals(".")) {
      return at;
    }
    for (String part : parent.split("/", -1)) {
      at = at.child(part);
      check(at != null, ENOENT);
      check(!at.is(FileAttributes.SYMLINK), ELOOP);
      check(at.is(FileAttributes.DIRECTORY), ENOTDIR);
    }
    return at;
  }

  MemoryNode existing(String path) {
    MemoryNode node = find(path);
    check(node != null, ENOENT);
    return node;
  }

  /** The node at a path, or wherever it is when another id is meant. */
  MemoryNode existing(String path, long id) {
    if (id == 0) {
      return existing(path);
    }
    checkForm(path);
    MemoryNode node = byId.get(id);
    check(node != null, ESTALE);
    return node;
  }

  MemoryNode regular(String path, long id) {
    MemoryNode node = existing(path, id);
    check(!node.is(FileAttributes.DIRECTORY), EISDIR);
    check(!node.is(FileAttributes.SYMLINK), ELOOP);
    check(node.is(FileAttributes.REGULAR), EINVAL);
    return node;
  }

  /** Adds a node that is new, or finds that of an earlier attempt. */
  MemoryNode add(String path, MemoryNode made) {
    MemoryNode there = find(path);
    if (there == null) {
      long id = made.attributes.id;
      check(id != 0 && !byId.containsKey(id), EINVAL);
      parent(path).put(VolumeNames.leaf(path), made);
      byId.put(id, made);
      return made;
    }
    boolean link = made.is(FileAttributes.SYMLINK) && there.is(FileAttributes.SYMLINK);
    boolean same = link && made.target.equals(there.target);
    check(same || there.attributes.id == made.attributes.id, EEXIST);
    return there;
  }

  MemoryNode link(String path, long id, String target) {
    MemoryNode there = find(target);
    MemoryNode at = find(path);
    if (there != null) {
      check(there.attributes.id == (id == 0 && at != null ? at.attributes.id : id), EEXIST);
      return there;
    }
    check(at != null, ENOENT);
    check(id == 0 || at.attributes.id == id, ESTALE);
    check(!at.is(FileAttributes.DIRECTORY), EPERM);
    parent(target).put(VolumeNames.leaf(target), at);
    at.attributes.links++;
    at.attributes.changedNs = MemoryNode.now();
    return at;
  }

  void remove(String path, long id, boolean retry, boolean directory) {
    check(!path.equals("/"), directory ? EBUSY : EISDIR);
    MemoryNode node = find(path);
    if (retry && id != 0 && (node == null || node.attributes.id != id)) {
      return;
    }
    check(node != null, ENOENT);
    check(id == 0 || node.attributes.id == id, ESTALE);
    check(node.is(FileAttributes.DIRECTORY) == directory, directory ? ENOTDIR : EISDIR);
    check(node.entries.isEmpty(), ENOTEMPTY);
    parent(path).remove(VolumeNames.leaf(path));
    lostName(node);
  }

  private void lostName(MemoryNode node) {
    node.attributes.changedNs = MemoryNode.now();
    if (node.is(FileAttributes.DIRECTORY) || --node.attributes.links == 0) {
      byId.remove(node.attributes.id);
      onLost.accept(node);
    }
  }

  void rename(String path, long id, String target, int flags, boolean retry) {
    check(
        flags == 0 || flags == Volume.RENAME_NOREPLACE || flags == Volume.RENAME_EXCHANGE, EINVAL);
    check(!path.equals("/") && !target.equals("/"), EBUSY);
    MemoryNode node = find(path);
    MemoryNode there = find(target);
    boolean wrong = node == null || (id != 0 && node.attributes.id != id);
    if (wrong && retry && id != 0 && there != null && there.attributes.id == id) {
      return;
    }
    check(node != null, ENOENT);
    check(!wrong, ESTALE);
    check(target.equals(path) || !target.startsWith(path + "/"), EINVAL);
    check(there == null || flags != Volume.RENAME_NOREPLACE, EEXIST);
    if (flags == Volume.RENAME_EXCHANGE) {
      check(there != null, ENOENT);
      check(!path.startsWith(target + "/"), EINVAL);
    } else {
      check(!path.startsWith(target + "/"), ENOTEMPTY);
    }
    if (there != node) {
      move(node, path, there, target, flags == Volume.RENAME_EXCHANGE);
    }
  }

  private void move(
      MemoryNode node, String path, MemoryNode there, String target, boolean exchange) {
    MemoryNode from = parent(path);
    MemoryNode to = parent(target);
    if (exchange) {
      from.put(VolumeNames.leaf(path), there);
      to.put(VolumeNames.leaf(target), node);
      there.attributes.changedNs = MemoryNode.now();
    } else {
      if (there != null) {
        boolean directory = there.is(FileAttributes.DIRECTORY);
        check(node.is(FileAttributes.DIRECTORY) == directory, directory ? EISDIR : ENOTDIR);
        check(there.entries.isEmpty(), ENOTEMPTY);
        lostName(there);
      }
      from.remove(VolumeNames.leaf(path));
      to.put(VolumeNames.leaf(target), node);
    }
    node.attributes.changedNs = MemoryNode.now();
  }
}

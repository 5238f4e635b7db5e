package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.MemoryTree.check;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.MemorySegment;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;

/** Contents of a {@link MemoryVolume}'s files, and what they count; its lock is held. */
final class MemoryContents {
  private final String volume;
  private final ThreadLocal<Scratch> scratches;
  private Charge charge;

  MemoryContents(String volume, long quotaBytes, ThreadLocal<Scratch> scratches) {
    this.volume = volume;
    this.scratches = scratches;
    this.charge = new Charge(quotaBytes, 0);
  }

  Charge charge() {
    return charge;
  }

  /** A file, empty when it is regular. */
  MemoryNode file(long id, int mode, int uid, int gid) {
    MemoryNode node = new MemoryNode(id, mode, uid, gid);
    if (node.is(FileAttributes.REGULAR)) {
      node.backing = new MemoryBackingFile();
      node.content = new CheckedFile(node.backing, volume, scratches);
    }
    return node;
  }

  /** It has lost its last name. */
  void removed(MemoryNode node) {
    if (node.content != null) {
      charge.change(node.content.size(), 0);
    }
  }

  /** Contents lose changes that were not synced. */
  void crash(Iterable<MemoryNode> nodes, RandomGenerator random) {
    long used = 0;
    for (MemoryNode node : nodes) {
      if (node.content != null) {
        node.backing.crash(random);
        node.content = new CheckedFile(node.backing, volume, scratches);
        used += Charge.of(node.content.size());
      }
    }
    charge = new Charge(charge.quotaBytes(), used);
  }

  int setSize(MemoryNode node, long sizeBytes) {
    return growing(node, sizeBytes, () -> node.content.setSize(sizeBytes));
  }

  int write(MemoryNode node, long offset, MemorySegment from) {
    check(offset >= 0, Errno.EINVAL);
    check(offset <= CheckedLayout.SIZE_MAX - from.byteSize(), Errno.EFBIG);
    long end = from.byteSize() == 0 ? 0 : offset + from.byteSize();
    return growing(node, end, () -> node.content.write(offset, from));
  }

  private static boolean punches(int flags) {
    return flags == (Volume.ALLOCATE_KEEP_SIZE | Volume.ALLOCATE_PUNCH_HOLE);
  }

  /** Refuses flags that nobody knows. */
  static void checkAllocation(int flags) {
    boolean known = punches(flags) || flags == 0 || flags == Volume.ALLOCATE_KEEP_SIZE;
    check(known, Errno.EOPNOTSUPP);
  }

  int allocate(MemoryNode node, int flags, long offset, long lengthBytes) {
    check(offset >= 0 && lengthBytes > 0, Errno.EINVAL);
    if (punches(flags)) {
      return node.content.punch(offset, lengthBytes);
    }
    check(offset <= CheckedLayout.SIZE_MAX - lengthBytes, Errno.EFBIG);
    long end = offset + lengthBytes;
    return flags != 0
        ? 0
        : growing(node, end, () -> node.content.reserve(offset, lengthBytes, false));
  }

  private int growing(MemoryNode node, long sizeBytes, IntSupplier growth) {
    check(sizeBytes >= 0, Errno.EINVAL);
    check(sizeBytes <= CheckedLayout.SIZE_MAX, Errno.EFBIG);
    long before = node.content.size();
    long after = Math.max(before, sizeBytes);
    check(charge.change(before, after), Errno.ENOSPC);
    int result = growth.getAsInt();
    charge.change(after, node.content.size());
    node.touch();
    return result;
  }
}

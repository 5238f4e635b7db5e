package io.splitkernel.scomponent.store;

import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** A file, directory or link of a {@link MemoryVolume}, which guards it. */
final class MemoryNode {
  private static final long NS_PER_S = 1_000_000_000L;

  final FileAttributes attributes = new FileAttributes();
  final Map<String, Entry> entries = new HashMap<>();
  final TreeMap<Long, Entry> byCookie = new TreeMap<>();
  final TreeMap<String, byte[]> xattrs = new TreeMap<>();

  /** Target of a symbolic link. */
  String target = "";

  MemoryBackingFile backing;
  CheckedFile content;
  private long lastCookie;

  /** A name in a directory. */
  record Entry(String name, long cookie, MemoryNode node) {}

  MemoryNode(long id, int mode, int uid, int gid) {
    attributes.id = id;
    attributes.mode = mode;
    attributes.uid = uid;
    attributes.gid = gid;
    attributes.links = is(FileAttributes.DIRECTORY) ? 2 : 1;
    attributes.accessedNs = now();
    attributes.modifiedNs = attributes.accessedNs;
    attributes.changedNs = attributes.accessedNs;
  }

  static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * NS_PER_S + now.getNano();
  }

  boolean is(int type) {
    return attributes.is(type);
  }

  MemoryNode child(String name) {
    Entry entry = entries.get(name);
    return entry == null ? null : entry.node;
  }

  /** Gives a name to a node, which another one may have had. */
  void put(String name, MemoryNode node) {
    remove(name);
    Entry entry = new Entry(name, ++lastCookie, node);
    entries.put(name, entry);
    byCookie.put(entry.cookie, entry);
    attributes.links += node.is(FileAttributes.DIRECTORY) ? 1 : 0;
    touch();
  }

  void remove(String name) {
    Entry old = entries.remove(name);
    if (old != null) {
      byCookie.remove(old.cookie);
      attributes.links -= old.node.is(FileAttributes.DIRECTORY) ? 1 : 0;
      touch();
    }
  }

  void touch() {
    attributes.modifiedNs = now();
    attributes.changedNs = attributes.modifiedNs;
  }

  /** All but the length. */
  void change(AttributeChange change) {
    FileAttributes a = attributes;
    a.changedNs = now();
    if (change.has(AttributeChange.MODE)) {
      a.mode = (a.mode & FileAttributes.TYPE_MASK) | (change.mode() & 07777);
    }
    a.uid = change.has(AttributeChange.UID) ? change.uid() : a.uid;
    a.gid = change.has(AttributeChange.GID) ? change.gid() : a.gid;
    if (change.has(AttributeChange.ACCESSED)) {
      a.accessedNs = time(change.accessedNs());
    }
    if (change.has(AttributeChange.MODIFIED)) {
      a.modifiedNs = time(change.modifiedNs());
    }
  }

  private long time(long ns) {
    return ns == AttributeChange.NOW ? attributes.changedNs : ns;
  }

  void fill(FileAttributes out) {
    if (content != null) {
      attributes.sizeBytes = content.size();
      attributes.allocatedBytes = backing.allocatedBytes();
    }
    out.copyFrom(attributes);
  }
}

package io.splitkernel.scomponent.volume;

import io.splitkernel.protocol.files.FileAttributes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** A file, directory or link of a {@link ModelVolume}, which guards it. */
final class ModelNode {
  final FileAttributes attributes = new FileAttributes();
  final Map<String, Entry> entries = new HashMap<>();
  final TreeMap<Long, Entry> byCookie = new TreeMap<>();
  final TreeMap<String, byte[]> xattrs = new TreeMap<>();
  byte[] data = new byte[0];
  private long lastCookie;

  /** A name in a directory. */
  record Entry(String name, long cookie, ModelNode node) {}

  ModelNode(long id, int mode, int uid, int gid) {
    attributes.id = id;
    attributes.mode = mode;
    attributes.uid = uid;
    attributes.gid = gid;
    attributes.links = attributes.is(FileAttributes.DIRECTORY) ? 2 : 1;
    long now = now();
    attributes.accessedNs = now;
    attributes.modifiedNs = now;
    attributes.changedNs = now;
  }

  static long now() {
    java.time.Instant now = java.time.Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  boolean isDirectory() {
    return attributes.is(FileAttributes.DIRECTORY);
  }

  boolean isRegular() {
    return attributes.is(FileAttributes.REGULAR);
  }

  ModelNode child(String name) {
    Entry entry = entries.get(name);
    return entry == null ? null : entry.node;
  }

  void put(String name, ModelNode node) {
    remove(name);
    Entry entry = new Entry(name, ++lastCookie, node);
    entries.put(name, entry);
    byCookie.put(entry.cookie, entry);
    if (node.isDirectory()) {
      attributes.links++;
    }
    touch();
  }

  void remove(String name) {
    Entry old = entries.remove(name);
    if (old != null) {
      byCookie.remove(old.cookie);
      if (old.node.isDirectory()) {
        attributes.links--;
      }
      touch();
    }
  }

  void touch() {
    attributes.modifiedNs = now();
    attributes.changedNs = attributes.modifiedNs;
  }

  void resize(long sizeBytes) {
    int size = Math.toIntExact(sizeBytes);
    if (size > data.length) {
      data =
          Arrays.copyOf(data, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(size, size * 3L / 2)));
    } else if (size < attributes.sizeBytes) {
      Arrays.fill(data, size, (int) attributes.sizeBytes, (byte) 0);
    }
    attributes.sizeBytes = size;
    attributes.allocatedBytes = (size + 4095L) & -4096L;
    touch();
  }
}

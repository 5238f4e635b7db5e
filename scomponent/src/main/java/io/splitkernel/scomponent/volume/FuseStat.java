package io.splitkernel.scomponent.volume;

import io.splitkernel.protocol.files.FileAttributes;
import java.lang.foreign.MemorySegment;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.stat;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.timespec;

/** Fills in a {@code struct stat}. */
final class FuseStat {
  private static final long NS_PER_S = 1_000_000_000;
  private static final int SECTOR_BYTES = 512;

  private FuseStat() {}

  static void fill(MemorySegment out, FileAttributes from, boolean hidden) {
    stat.st_ino(out, from.id);
    stat.st_mode(out, from.mode);
    stat.st_nlink(out, hidden ? Math.max(0, from.links - 1) : from.links);
    stat.st_uid(out, from.uid);
    stat.st_gid(out, from.gid);
    stat.st_rdev(out, from.device);
    stat.st_size(out, from.sizeBytes);
    stat.st_blocks(out, (from.allocatedBytes + SECTOR_BYTES - 1) / SECTOR_BYTES);
    time(stat.st_atim(out), from.accessedNs);
    time(stat.st_mtim(out), from.modifiedNs);
    time(stat.st_ctim(out), from.changedNs);
  }

  private static void time(MemorySegment out, long ns) {
    timespec.tv_sec(out, Math.floorDiv(ns, NS_PER_S));
    timespec.tv_nsec(out, Math.floorMod(ns, NS_PER_S));
  }
}

package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.fuse_file_info;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.fuse_fill_dir_t;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.stat;

/** libfuse's operations on directories. Stateless; any thread. */
final class FuseDirectories {
  // Where to go on behind "." and "..": no cookies of a volume.
  private static final long BEHIND_DOT = Long.MAX_VALUE - 3;
  private static final long BEHIND_DOT_DOT = Long.MAX_VALUE - 2;
  // An entry without a number would be skipped by readers.
  private static final long UNKNOWN_INO = 0xffffffffL;
  private static final String HIDDEN_NAME = FusePaths.HIDDEN.substring(1);

  private final Volume volume;
  private final FusePaths paths;

  FuseDirectories(Volume volume, FusePaths paths) {
    this.volume = volume;
    this.paths = paths;
  }

  int opendir(MemorySegment path, MemorySegment fileInfo) {
    String p = paths.inVolume(path);
    if (p == null) {
      return -Errno.ENOENT;
    }
    FileAttributes out = new FileAttributes();
    int rc = volume.lookup(p, 0, out);
    if (rc == 0) {
      fuse_file_info.fh(fileInfo, out.id);
    }
    return rc;
  }

  int readdir(MemorySegment path, MemorySegment out, MemorySegment filler, long offset) {
    String p = path.address() == 0 ? null : paths.inVolume(path);
    if (p == null) {
      return 0; // removed meanwhile: empty
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = stat.allocate(arena);
      MemorySegment name = arena.allocate(Volume.NAME_BYTES_MAX + 1);
      Filler to = new Filler(out, filler, attributes, name);
      long from = offset;
      if (from == 0) {
        if (!to.fill(".", 0, FileAttributes.DIRECTORY, BEHIND_DOT)) {
          return 0;
        }
        from = BEHIND_DOT;
      }
      if (from == BEHIND_DOT) {
        if (!to.fill("..", 0, FileAttributes.DIRECTORY, BEHIND_DOT_DOT)) {
          return 0;
        }
        from = BEHIND_DOT_DOT;
      }
      long cookie = from == BEHIND_DOT_DOT ? 0 : from;
      boolean root = p.equals("/");
      int taken;
      do {
        to.last = cookie;
        taken =
            volume.readDirectory(
                p,
                cookie,
                (n, id, type, next) ->
                    (root && n.equals(HIDDEN_NAME)) ? to.skip(next) : to.fill(n, id, type, next));
        cookie = to.last;
      } while (taken > 0 && !to.full);
      return Math.min(taken, 0);
    }
  }

  int fsyncdir(MemorySegment path, int dataOnly, MemorySegment fileInfo) {
    String p = path.address() == 0 ? null : paths.inVolume(path);
    return p == null ? 0 : volume.sync(p, FuseVolume.id(fileInfo), dataOnly != 0);
  }

  /** The kernel's buffer, filled by libfuse. */
  private static final class Filler {
    private final MemorySegment out;
    private final MemorySegment function;
    private final MemorySegment attributes;
    private final MemorySegment name;
    private long last;
    private boolean full;

    Filler(MemorySegment out, MemorySegment function, MemorySegment attributes, MemorySegment n) {
      this.out = out;
      this.function = function;
      this.attributes = attributes;
      this.name = n;
    }

    boolean skip(long next) {
      last = next;
      return true;
    }

    boolean fill(String entry, long id, int type, long next) {
      if (entry.getBytes(StandardCharsets.UTF_8).length > Volume.NAME_BYTES_MAX) {
        return skip(next);
      }
      name.setString(0, entry);
      stat.st_ino(attributes, id == 0 ? UNKNOWN_INO : id);
      stat.st_mode(attributes, type);
      full = fuse_fill_dir_t.invoke(function, out, name, attributes, next, 0) != 0;
      if (!full) {
        last = next;
      }
      return !full;
    }
  }
}

package io.splitkernel.protocol.files.server;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.files.VolumeSpace;
import io.splitkernel.protocol.files.VolumeUse;
import io.splitkernel.protocol.files.wire.EntryList;
import io.splitkernel.protocol.files.wire.FileAnswer;
import io.splitkernel.protocol.files.wire.FileRequest;
import io.splitkernel.protocol.sbe.FileOperation;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/** Carries out requests on volumes. Of one worker, with its buffer. */
final class FileOperations {
  private final VolumeProvider volumes;
  private final SyncFailures failures;
  private final MemorySegment buffer;
  private final UnsafeBuffer view;
  private final int inlineBytesMax;
  private final EntryList entries = new EntryList();
  private final VolumeSpace space = new VolumeSpace();
  private final ByteSink sink = this::keep;

  FileOperations(
      VolumeProvider volumes, SyncFailures failures, MemorySegment buffer, int inlineBytesMax) {
    this.volumes = volumes;
    this.failures = failures;
    this.buffer = buffer;
    this.view = new UnsafeBuffer(buffer.address(), (int) buffer.byteSize());
    this.inlineBytesMax = inlineBytesMax;
  }

  /**
   * Carries out a request.
   *
   * @param r request.
   * @param a answer to fill.
   * @param session whose buffers to use.
   * @return false when the client's buffer or the volume cannot be reached now: there is no answer
   *     then, and the client tries again.
   */
  boolean run(FileRequest r, FileAnswer a, FileSession session) {
    switch (r.operation) {
      case MAKE_VOLUME -> a.result = volumes.makeVolume(r.volume, r.lengthBytes);
      case REMOVE_VOLUME -> {
        int result = volumes.removeVolume(r.volume);
        a.result = r.retry && result == -Errno.ENOENT ? 0 : result;
      }
      case LIST_VOLUMES -> listVolumes(r, a);
      default -> {
        VolumeUse use = volumes.use(r.volume);
        if (use != null) {
          return runOn(use, r, a, session);
        }
        a.result = -Errno.ENXIO;
      }
    }
    return a.result != -Errno.ETIMEDOUT;
  }

  /** Bytes are moved outside of the volume's door, so that a slow client keeps nobody waiting. */
  private boolean runOn(VolumeUse use, FileRequest r, FileAnswer a, FileSession session) {
    boolean inline = r.remoteAddress == 0;
    if (isWrite(r.operation) && !inline && !fetch(r, a, session)) {
      return false;
    }
    if (!session.isOpen()) {
      return false;
    }
    if (a.result == 0) {
      long stamp = use.enter(r.epoch);
      if (stamp > 0) {
        try {
          runInside(use.volume(), r, a, session);
        } finally {
          use.leave(stamp);
        }
      } else {
        a.result = stamp;
      }
    }
    if (a.result == -Errno.ESTALE) {
      a.epoch = use.epoch();
    }
    if (a.result == -Errno.ETIMEDOUT) {
      return false;
    }
    return r.operation != FileOperation.READ
        || inline
        || a.result <= 0
        || session.move(true, buffer.address(), (int) a.result, r.remoteAddress, r.rkey);
  }

  static boolean isWrite(FileOperation operation) {
    return operation == FileOperation.WRITE || operation == FileOperation.WRITE_SYNCED;
  }

  /** Gets what is to be written. A result other than 0 is the answer already. */
  private boolean fetch(FileRequest r, FileAnswer a, FileSession session) {
    if (r.lengthBytes < 0 || r.lengthBytes > buffer.byteSize()) {
      a.result = -Errno.EINVAL;
      return true;
    }
    int length = (int) r.lengthBytes;
    return session.move(false, buffer.address(), length, r.remoteAddress, r.rkey);
  }

  private void runInside(Volume v, FileRequest r, FileAnswer a, FileSession session) {
    switch (r.operation) {
      case SYNC -> a.result = sync(v, r, session);
      case READ -> read(v, r, a);
      case WRITE -> write(v, r, a);
      case WRITE_SYNCED -> {
        write(v, r, a);
        int result = a.result < 0 ? 0 : sync(v, r, session);
        a.result = result < 0 ? result : a.result;
      }
      case READ_LINK -> a.result = told(a, v.readLink(r.path, sink));
      case GET_XATTR -> a.result = told(a, v.getXattr(r.path, r.other, sink));
      case LIST_XATTRS -> a.result = told(a, v.listXattrs(r.path, sink));
      case READ_DIRECTORY -> readDirectory(v, r, a);
      case SPACE -> space(v, a);
      default -> a.result = small(v, r, a);
    }
  }

  private int sync(Volume v, FileRequest r, FileSession session) {
    int result = v.sync(r.path, r.fileId, r.flags != 0);
    return failures.answer(r, session.clientId(), result, session::connectedClients);
  }

  private int small(Volume v, FileRequest r, FileAnswer a) {
    return switch (r.operation) {
      case LOOKUP -> v.lookup(r.path, r.fileId, a.attributes);
      case CREATE -> v.create(r.path, r.newId, r.flags, r.mode, r.uid, r.gid, a.attributes);
      case MAKE_DIRECTORY -> v.makeDirectory(r.path, r.newId, r.mode, r.uid, r.gid, a.attributes);
      case MAKE_SYMLINK -> v.makeSymlink(r.path, r.other, r.uid, r.gid, a.attributes);
      case MAKE_NODE ->
          v.makeNode(r.path, r.newId, r.mode, r.lengthBytes, r.uid, r.gid, a.attributes);
      case LINK -> v.link(r.path, r.fileId, r.other, a.attributes);
      case UNLINK -> v.unlink(r.path, r.fileId, r.retry);
      case REMOVE_DIRECTORY -> v.removeDirectory(r.path, r.fileId, r.retry);
      case RENAME -> v.rename(r.path, r.fileId, r.other, r.flags, r.retry);
      case CHANGE -> v.change(r.path, r.fileId, changeOf(r), a.attributes);
      case START_WRITE_OUT -> v.startWriteOut(r.path, r.fileId);
      case ALLOCATE -> v.allocate(r.path, r.fileId, r.flags, r.offset, r.lengthBytes);
      case SET_XATTR -> setXattr(v, r);
      case REMOVE_XATTR -> {
        int result = v.removeXattr(r.path, r.other);
        yield r.retry && result == -Errno.ENODATA ? 0 : result;
      }
      default -> -Errno.ENOSYS;
    };
  }

  /** One that is there already is fine when an earlier attempt may have set it. */
  private static int setXattr(Volume v, FileRequest r) {
    byte[] value = bytesOf(r);
    int result = v.setXattr(r.path, r.other, value, r.flags);
    if (!r.retry || result != -Errno.EEXIST) {
      return result;
    }
    MemorySegment wanted = MemorySegment.ofArray(value);
    boolean[] same = new boolean[1];
    v.getXattr(r.path, r.other, there -> same[0] = there.mismatch(wanted) < 0);
    return same[0] ? 0 : result;
  }

  private void read(Volume v, FileRequest r, FileAnswer a) {
    boolean inline = r.remoteAddress == 0;
    if (r.lengthBytes < 0 || r.lengthBytes > (inline ? inlineBytesMax : buffer.byteSize())) {
      a.result = -Errno.EINVAL;
      return;
    }
    a.result = v.read(r.path, r.fileId, r.offset, buffer.asSlice(0, r.lengthBytes));
    if (a.result > 0 && inline) {
      a.content.wrap(buffer.address(), (int) a.result);
    }
  }

  private void write(Volume v, FileRequest r, FileAnswer a) {
    if (r.remoteAddress == 0) {
      r.lengthBytes = r.content.capacity();
      view.putBytes(0, r.content, 0, r.content.capacity());
    }
    a.result = v.write(r.path, r.fileId, r.offset, buffer.asSlice(0, r.lengthBytes));
  }

  private void readDirectory(Volume v, FileRequest r, FileAnswer a) {
    entries.begin(view, inlineBytesMax);
    a.result = v.readDirectory(r.path, r.offset, entries);
    if (a.result > 0) {
      a.content.wrap(buffer.address(), entries.lengthBytes());
    }
  }

  private void space(Volume v, FileAnswer a) {
    a.result = v.space(space);
    view.putLong(0, space.totalBytes);
    view.putLong(8, space.freeBytes);
    view.putLong(16, space.filesMax);
    view.putLong(24, space.filesFree);
    a.content.wrap(buffer.address(), 32);
  }

  /** Names behind that in {@code other}; as entries of a directory. */
  private void listVolumes(FileRequest r, FileAnswer a) {
    entries.begin(view, inlineBytesMax);
    int count = 0;
    for (String name : volumes.names()) {
      if (name.compareTo(r.other) > 0) {
        if (!entries.entry(name, 0, 0, 1)) {
          break;
        }
        count++;
      }
    }
    a.result = count;
    a.content.wrap(buffer.address(), entries.lengthBytes());
  }

  private void keep(MemorySegment bytes) {
    MemorySegment.copy(bytes, 0, buffer, 0, Math.min(bytes.byteSize(), buffer.byteSize()));
  }

  private int told(FileAnswer a, int result) {
    if (result > 0) {
      a.content.wrap(buffer.address(), Math.min(result, Volume.XATTR_BYTES_MAX));
    }
    return result > Volume.XATTR_BYTES_MAX ? -Errno.E2BIG : result;
  }

  private static AttributeChange changeOf(FileRequest r) {
    return new AttributeChange(
        r.flags, r.mode, r.uid, r.gid, r.lengthBytes, r.accessedNs, r.modifiedNs);
  }

  private static byte[] bytesOf(FileRequest r) {
    byte[] bytes = new byte[r.content.capacity()];
    r.content.getBytes(0, bytes);
    return bytes;
  }
}

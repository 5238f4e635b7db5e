package io.splitkernel.protocol.files.client;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.DirectorySink;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;
import io.splitkernel.protocol.files.wire.EntryList;
import io.splitkernel.protocol.files.wire.FileAnswer;
import io.splitkernel.protocol.files.wire.FileRequest;
import io.splitkernel.protocol.sbe.FileOperation;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/** A volume of a file server. Any thread. */
public final class RemoteVolume implements Volume {
  private static final int SPACE_BYTES = 32;

  private final FileClient client;
  private final String name;
  private final long epoch;
  private volatile long newestEpoch;
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  private static final class Scratch {
    final FileRequest request = new FileRequest();
    final FileAnswer answer = new FileAnswer();
  }

  RemoteVolume(FileClient client, String name, long epoch) {
    this.client = client;
    this.name = name;
    this.epoch = epoch;
    this.newestEpoch = epoch;
  }

  /**
   * The highest epoch that the server was heard to know of.
   *
   * @return the epoch; above this volume's own when another one has it.
   */
  public long newestEpoch() {
    return newestEpoch;
  }

  /**
   * A buffer for reads and writes of this client's volumes; one of its {@link
   * FileClientConfig#slots}, so it must not be kept.
   *
   * @return the buffer, the caller's to close, or null when none became free in time.
   */
  public TransferBuffer lease() {
    int slot = client.takeSlot();
    return slot < 0 ? null : new TransferBuffer(client, slot);
  }

  private FileRequest begin(FileOperation operation, String path) {
    FileRequest request = scratch.get().request.begin(operation, name, path);
    request.epoch = epoch;
    return request;
  }

  /** Asks, and hands the attributes of the answer on when there are any to be had. */
  private int call(FileAttributes out) {
    Scratch mine = scratch.get();
    FileRequest request = mine.request;
    if (isTooLong(request.path) || isTooLong(request.other)) {
      return -Errno.ENAMETOOLONG;
    }
    int result = (int) client.call(request, mine.answer);
    if (result == -Errno.ESTALE && mine.answer.epoch > newestEpoch) {
      newestEpoch = mine.answer.epoch;
    }
    if (result == 0 && out != null) {
      out.copyFrom(mine.answer.attributes);
    }
    return result;
  }

  private static boolean isTooLong(String text) {
    return text.length() > PATH_BYTES_MAX / 3
        && text.getBytes(StandardCharsets.UTF_8).length > PATH_BYTES_MAX;
  }

  private int call(ByteSink out) {
    int result = call((FileAttributes) null);
    if (result >= 0) {
      UnsafeBuffer content = scratch.get().answer.content;
      byte[] bytes = new byte[content.capacity()];
      content.getBytes(0, bytes);
      out.accept(MemorySegment.ofArray(bytes));
    }
    return result;
  }

  @Override
  public int lookup(String path, long id, FileAttributes out) {
    begin(FileOperation.LOOKUP, path).fileId = id;
    return call(out);
  }

  private FileRequest made(
      FileOperation operation, String path, long newId, int mode, int uid, int gid) {
    FileRequest request = begin(operation, path);
    request.newId = newId;
    request.mode = mode;
    request.uid = uid;
    request.gid = gid;
    return request;
  }

  @Override
  public int create(
      String path, long newId, int flags, int mode, int uid, int gid, FileAttributes out) {
    made(FileOperation.CREATE, path, newId, mode, uid, gid).flags = flags;
    return call(out);
  }

  @Override
  public int makeDirectory(
      String path, long newId, int mode, int uid, int gid, FileAttributes out) {
    made(FileOperation.MAKE_DIRECTORY, path, newId, mode, uid, gid);
    return call(out);
  }

  @Override
  public int makeSymlink(String path, String target, int uid, int gid, FileAttributes out) {
    made(FileOperation.MAKE_SYMLINK, path, 0, 0, uid, gid).other = target;
    return call(out);
  }

  @Override
  public int makeNode(
      String path, long newId, int mode, long device, int uid, int gid, FileAttributes out) {
    made(FileOperation.MAKE_NODE, path, newId, mode, uid, gid).lengthBytes = device;
    return call(out);
  }

  @Override
  public int link(String path, long id, String target, FileAttributes out) {
    FileRequest request = begin(FileOperation.LINK, path);
    request.fileId = id;
    request.other = target;
    return call(out);
  }

  @Override
  public int unlink(String path, long id, boolean retry) {
    FileRequest request = begin(FileOperation.UNLINK, path);
    request.fileId = id;
    request.retry = retry;
    return call((FileAttributes) null);
  }

  @Override
  public int removeDirectory(String path, long id, boolean retry) {
    FileRequest request = begin(FileOperation.REMOVE_DIRECTORY, path);
    request.fileId = id;
    request.retry = retry;
    return call((FileAttributes) null);
  }

  @Override
  public int rename(String path, long id, String target, int flags, boolean retry) {
    FileRequest request = begin(FileOperation.RENAME, path);
    request.fileId = id;
    request.other = target;
    request.flags = flags;
    request.retry = retry;
    return call((FileAttributes) null);
  }

  @Override
  public int readLink(String path, ByteSink out) {
    begin(FileOperation.READ_LINK, path);
    return call(out);
  }

  @Override
  public int change(String path, long id, AttributeChange change, FileAttributes out) {
    FileRequest request = begin(FileOperation.CHANGE, path);
    request.fileId = id;
    request.flags = change.set();
    request.mode = change.mode();
    request.uid = change.uid();
    request.gid = change.gid();
    request.lengthBytes = change.sizeBytes();
    request.accessedNs = change.accessedNs();
    request.modifiedNs = change.modifiedNs();
    return call(out);
  }

  @Override
  public int readDirectory(String path, long cookie, DirectorySink out) {
    begin(FileOperation.READ_DIRECTORY, path).offset = cookie;
    int result = call((FileAttributes) null);
    if (result <= 0) {
      return result;
    }
    int taken = EntryList.read(scratch.get().answer.content, out);
    return taken < 0 ? -Errno.EIO : taken;
  }

  @Override
  public int read(String path, long id, long offset, MemorySegment into) {
    FileRequest request = begin(FileOperation.READ, path);
    request.fileId = id;
    request.offset = offset;
    request.lengthBytes = into.byteSize();
    if (into.byteSize() > TRANSFER_BYTES_MAX) {
      return -Errno.EINVAL;
    }
    if (client.reaches(into)) {
      request.remoteAddress = into.address();
      int count = call((FileAttributes) null);
      return count > into.byteSize() ? -Errno.EIO : count;
    }
    if (into.byteSize() > client.inlineBytesMax()) {
      return readRemotely(request, into);
    }
    int count = call((FileAttributes) null);
    UnsafeBuffer content = scratch.get().answer.content;
    if (count > into.byteSize() || count > content.capacity()) {
      return -Errno.EIO;
    }
    if (count > 0) {
      MemorySegment.copy(
          MemorySegment.ofArray(content.byteArray()), content.wrapAdjustment(), into, 0, count);
    }
    return count;
  }

  private int readRemotely(FileRequest request, MemorySegment into) {
    int slot = client.takeSlot();
    if (slot < 0) {
      return client.away();
    }
    try {
      MemorySegment buffer = client.slot(slot);
      request.remoteAddress = buffer.address();
      int count = call((FileAttributes) null);
      if (count > into.byteSize()) {
        return -Errno.EIO;
      }
      if (count > 0) {
        MemorySegment.copy(buffer, 0, into, 0, count);
      }
      return count;
    } finally {
      client.giveSlot(slot);
    }
  }

  @Override
  public int write(String path, long id, long offset, MemorySegment from) {
    FileRequest request = begin(FileOperation.WRITE, path);
    request.fileId = id;
    request.offset = offset;
    request.lengthBytes = from.byteSize();
    if (from.byteSize() > TRANSFER_BYTES_MAX) {
      return -Errno.EINVAL;
    }
    if (client.reaches(from)) {
      request.remoteAddress = from.address();
      return written(id, call((FileAttributes) null));
    }
    if (from.byteSize() > client.inlineBytesMax()) {
      return writeRemotely(request, from);
    }
    request.content.wrap(from.address(), (int) from.byteSize());
    return written(id, call((FileAttributes) null));
  }

  private int written(long id, int result) {
    if (result > 0) {
      client.unsynced().onWritten(name, id, scratch.get().request.losses);
    }
    return result;
  }

  private int writeRemotely(FileRequest request, MemorySegment from) {
    int slot = client.takeSlot();
    if (slot < 0) {
      return client.away();
    }
    try {
      MemorySegment buffer = client.slot(slot);
      MemorySegment.copy(from, 0, buffer, 0, from.byteSize());
      request.remoteAddress = buffer.address();
      return written(request.fileId, call((FileAttributes) null));
    } finally {
      client.giveSlot(slot);
    }
  }

  @Override
  public int sync(String path, long id, boolean dataOnly) {
    FileRequest request = begin(FileOperation.SYNC, path);
    request.fileId = id;
    request.flags = dataOnly ? 1 : 0;
    return client.unsynced().sync(name, id, -Errno.EIO, () -> call((FileAttributes) null));
  }

  @Override
  public int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    FileRequest request = begin(FileOperation.ALLOCATE, path);
    request.fileId = id;
    request.flags = flags;
    request.offset = offset;
    request.lengthBytes = lengthBytes;
    return call((FileAttributes) null);
  }

  @Override
  public int getXattr(String path, String attribute, ByteSink out) {
    begin(FileOperation.GET_XATTR, path).other = attribute;
    return call(out);
  }

  @Override
  public int setXattr(String path, String attribute, byte[] value, int flags) {
    if (value.length > XATTR_BYTES_MAX) {
      return -Errno.E2BIG;
    }
    FileRequest request = begin(FileOperation.SET_XATTR, path);
    request.other = attribute;
    request.flags = flags;
    request.content.wrap(value);
    return call((FileAttributes) null);
  }

  @Override
  public int listXattrs(String path, ByteSink out) {
    begin(FileOperation.LIST_XATTRS, path);
    return call(out);
  }

  @Override
  public int removeXattr(String path, String attribute) {
    begin(FileOperation.REMOVE_XATTR, path).other = attribute;
    return call((FileAttributes) null);
  }

  @Override
  public int space(VolumeSpace out) {
    begin(FileOperation.SPACE, "/");
    int result = call((FileAttributes) null);
    UnsafeBuffer content = scratch.get().answer.content;
    if (result == 0 && content.capacity() >= SPACE_BYTES) {
      out.totalBytes = content.getLong(0);
      out.freeBytes = content.getLong(8);
      out.filesMax = content.getLong(16);
      out.filesFree = content.getLong(24);
    }
    return result;
  }

  /** Does nothing: the connection is the client's. */
  @Override
  public void close() {
    scratch.remove();
  }
}

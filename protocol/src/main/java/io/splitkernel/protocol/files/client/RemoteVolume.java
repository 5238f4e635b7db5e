package io.splitkernel.protocol.files.client;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.DirectorySink;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;
import io.splitkernel.protocol.files.wire.EntryList;
import io.splitkernel.protocol.files.wire.FileRequest;
import io.splitkernel.protocol.sbe.FileOperation;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/** A volume of a file server. Any thread. */
public final class RemoteVolume implements Volume {
  private static final int SPACE_BYTES = 32;

  private final FileClient client;
  private final RemoteCalls calls;
  private final RemoteContents contents;

  RemoteVolume(FileClient client, String name, long epoch) {
    this.client = client;
    this.calls = new RemoteCalls(client, name, epoch);
    this.contents = new RemoteContents(client, name, calls);
  }

  /**
   * The highest epoch that the server was heard to know of.
   *
   * @return the epoch; above this volume's own when another one has it.
   */
  public long newestEpoch() {
    return calls.newestEpoch();
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

  @Override
  public int lookup(String path, long id, FileAttributes out) {
    calls.begin(FileOperation.LOOKUP, path).fileId = id;
    return calls.call(out);
  }

  private FileRequest made(
      FileOperation operation, String path, long newId, int mode, int uid, int gid) {
    FileRequest request = calls.begin(operation, path);
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
    return calls.call(out);
  }

  @Override
  public int makeDirectory(
      String path, long newId, int mode, int uid, int gid, FileAttributes out) {
    made(FileOperation.MAKE_DIRECTORY, path, newId, mode, uid, gid);
    return calls.call(out);
  }

  @Override
  public int makeSymlink(String path, String target, int uid, int gid, FileAttributes out) {
    made(FileOperation.MAKE_SYMLINK, path, 0, 0, uid, gid).other = target;
    return calls.call(out);
  }

  @Override
  public int makeNode(
      String path, long newId, int mode, long device, int uid, int gid, FileAttributes out) {
    made(FileOperation.MAKE_NODE, path, newId, mode, uid, gid).lengthBytes = device;
    return calls.call(out);
  }

  @Override
  public int link(String path, long id, String target, FileAttributes out) {
    FileRequest request = calls.begin(FileOperation.LINK, path);
    request.fileId = id;
    request.other = target;
    return calls.call(out);
  }

  @Override
  public int unlink(String path, long id, boolean retry) {
    FileRequest request = calls.begin(FileOperation.UNLINK, path);
    request.fileId = id;
    request.retry = retry;
    return calls.call((FileAttributes) null);
  }

  @Override
  public int removeDirectory(String path, long id, boolean retry) {
    FileRequest request = calls.begin(FileOperation.REMOVE_DIRECTORY, path);
    request.fileId = id;
    request.retry = retry;
    return calls.call((FileAttributes) null);
  }

  @Override
  public int rename(String path, long id, String target, int flags, boolean retry) {
    FileRequest request = calls.begin(FileOperation.RENAME, path);
    request.fileId = id;
    request.other = target;
    request.flags = flags;
    request.retry = retry;
    return calls.call((FileAttributes) null);
  }

  @Override
  public int readLink(String path, ByteSink out) {
    calls.begin(FileOperation.READ_LINK, path);
    return calls.call(out);
  }

  @Override
  public int change(String path, long id, AttributeChange change, FileAttributes out) {
    FileRequest request = calls.begin(FileOperation.CHANGE, path);
    request.fileId = id;
    request.flags = change.set();
    request.mode = change.mode();
    request.uid = change.uid();
    request.gid = change.gid();
    request.lengthBytes = change.sizeBytes();
    request.accessedNs = change.accessedNs();
    request.modifiedNs = change.modifiedNs();
    return calls.call(out);
  }

  @Override
  public int readDirectory(String path, long cookie, DirectorySink out) {
    calls.begin(FileOperation.READ_DIRECTORY, path).offset = cookie;
    int result = calls.call((FileAttributes) null);
    if (result <= 0) {
      return result;
    }
    int taken = EntryList.read(calls.answer().content, out);
    return taken < 0 ? -Errno.EIO : taken;
  }

  @Override
  public int read(String path, long id, long offset, MemorySegment into) {
    return contents.read(path, id, offset, into);
  }

  @Override
  public int write(String path, long id, long offset, MemorySegment from) {
    return contents.write(path, id, offset, from);
  }

  @Override
  public int sync(String path, long id, boolean dataOnly) {
    return contents.sync(path, id, dataOnly);
  }

  @Override
  public int writeSynced(String path, long id, long offset, MemorySegment from, boolean dataOnly) {
    return contents.writeSynced(path, id, offset, from, dataOnly);
  }

  @Override
  public int startWriteOut(String path, long id) {
    calls.begin(FileOperation.START_WRITE_OUT, path).fileId = id;
    return calls.call((FileAttributes) null);
  }

  @Override
  public int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    FileRequest request = calls.begin(FileOperation.ALLOCATE, path);
    request.fileId = id;
    request.flags = flags;
    request.offset = offset;
    request.lengthBytes = lengthBytes;
    return calls.call((FileAttributes) null);
  }

  @Override
  public int getXattr(String path, String attribute, ByteSink out) {
    calls.begin(FileOperation.GET_XATTR, path).other = attribute;
    return calls.call(out);
  }

  @Override
  public int setXattr(String path, String attribute, byte[] value, int flags) {
    if (value.length > XATTR_BYTES_MAX) {
      return -Errno.E2BIG;
    }
    FileRequest request = calls.begin(FileOperation.SET_XATTR, path);
    request.other = attribute;
    request.flags = flags;
    request.content.wrap(value);
    return calls.call((FileAttributes) null);
  }

  @Override
  public int listXattrs(String path, ByteSink out) {
    calls.begin(FileOperation.LIST_XATTRS, path);
    return calls.call(out);
  }

  @Override
  public int removeXattr(String path, String attribute) {
    calls.begin(FileOperation.REMOVE_XATTR, path).other = attribute;
    return calls.call((FileAttributes) null);
  }

  @Override
  public int space(VolumeSpace out) {
    calls.begin(FileOperation.SPACE, "/");
    int result = calls.call((FileAttributes) null);
    UnsafeBuffer content = calls.answer().content;
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
    calls.forget();
  }
}

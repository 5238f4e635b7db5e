package io.splitkernel.protocol.files.client;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.wire.FileRequest;
import io.splitkernel.protocol.sbe.FileOperation;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads, writes and syncs of one volume's files: small ones within the messages, others through
 * buffers that the server reaches. Any thread.
 */
final class RemoteContents {
  private final FileClient client;
  private final String name;
  private final RemoteCalls calls;

  RemoteContents(FileClient client, String name, RemoteCalls calls) {
    this.client = client;
    this.name = name;
    this.calls = calls;
  }

  int read(String path, long id, long offset, MemorySegment into) {
    FileRequest request = calls.begin(FileOperation.READ, path);
    request.fileId = id;
    request.offset = offset;
    request.lengthBytes = into.byteSize();
    if (into.byteSize() > Volume.TRANSFER_BYTES_MAX) {
      return -Errno.EINVAL;
    }
    if (client.reaches(into)) {
      request.remoteAddress = into.address();
      int count = calls.call((FileAttributes) null);
      return count > into.byteSize() ? -Errno.EIO : count;
    }
    if (into.byteSize() > client.inlineBytesMax()) {
      return readRemotely(request, into);
    }
    int count = calls.call((FileAttributes) null);
    UnsafeBuffer content = calls.answer().content;
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
      int count = calls.call((FileAttributes) null);
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

  int write(String path, long id, long offset, MemorySegment from) {
    FileRequest request = calls.begin(FileOperation.WRITE, path);
    return written(id, send(request, id, offset, from));
  }

  int writeSynced(String path, long id, long offset, MemorySegment from, boolean dataOnly) {
    FileRequest request = calls.begin(FileOperation.WRITE_SYNCED, path);
    request.flags = dataOnly ? 1 : 0;
    Unsynced unsynced = client.unsynced();
    int result = unsynced.sync(name, id, -Errno.EIO, () -> send(request, id, offset, from));
    if (result < 0) {
      unsynced.onWritten(name, id, unsynced.losses()); // it may be there, and not on the device
    }
    return result;
  }

  private int send(FileRequest request, long id, long offset, MemorySegment from) {
    request.fileId = id;
    request.offset = offset;
    request.lengthBytes = from.byteSize();
    if (from.byteSize() > Volume.TRANSFER_BYTES_MAX) {
      return -Errno.EINVAL;
    }
    if (client.reaches(from)) {
      request.remoteAddress = from.address();
      return calls.call((FileAttributes) null);
    }
    if (from.byteSize() > client.inlineBytesMax()) {
      return sendRemotely(request, from);
    }
    request.content.wrap(from.address(), (int) from.byteSize());
    return calls.call((FileAttributes) null);
  }

  private int written(long id, int result) {
    if (result > 0) {
      client.unsynced().onWritten(name, id, calls.request().losses);
    }
    return result;
  }

  private int sendRemotely(FileRequest request, MemorySegment from) {
    int slot = client.takeSlot();
    if (slot < 0) {
      return client.away();
    }
    try {
      MemorySegment buffer = client.slot(slot);
      MemorySegment.copy(from, 0, buffer, 0, from.byteSize());
      request.remoteAddress = buffer.address();
      return calls.call((FileAttributes) null);
    } finally {
      client.giveSlot(slot);
    }
  }

  int sync(String path, long id, boolean dataOnly) {
    FileRequest request = calls.begin(FileOperation.SYNC, path);
    request.fileId = id;
    request.flags = dataOnly ? 1 : 0;
    return client.unsynced().sync(name, id, -Errno.EIO, () -> calls.call((FileAttributes) null));
  }
}

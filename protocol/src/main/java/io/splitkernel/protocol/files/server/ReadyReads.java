package io.splitkernel.protocol.files.server;

import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeUse;
import io.splitkernel.protocol.files.wire.FileAnswer;
import io.splitkernel.protocol.files.wire.FileRequest;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.sbe.FileCallDecoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Answers reads of what is in memory on the thread of the client's connection, which does not wait
 * there: to hand them to a worker would cost more than they do. Of one connection, its thread only.
 */
final class ReadyReads {
  private final FileServer server;
  private final FileRequest request = new FileRequest();
  private final FileAnswer answer = new FileAnswer();
  private MemorySegment buffer;

  /** What became of a read. */
  enum Outcome {
    ANSWERED,

    /** {@link FetchedReads} has it now. */
    FETCHED,

    /** A worker has to do it. */
    NOT_READY
  }

  ReadyReads(FileServer server) {
    this.server = server;
  }

  /**
   * Answers a read if it can be done at once.
   *
   * @param message the request.
   * @param call of the message.
   * @param session to answer.
   * @param fetches that may have it when it cannot.
   * @param attempt how often they had it before.
   */
  Outcome answer(
      Message message,
      FileCallDecoder call,
      FileSession session,
      FetchedReads fetches,
      int attempt) {
    long length = call.lengthBytes();
    if (call.remoteAddress() != 0 || length <= 0 || length > server.config().inlineBytesMax()) {
      return Outcome.NOT_READY;
    }
    request.decode(message);
    VolumeUse use = server.volumes().use(request.volume);
    long stamp = use == null ? 0 : use.tryEnter(request.epoch);
    if (stamp <= 0) {
      return Outcome.NOT_READY;
    }
    int count;
    try {
      Volume volume = use.volume();
      MemorySegment into = buffer().asSlice(0, length);
      count = volume.readNow(request.path, request.fileId, request.offset, into);
      if (count != length) {
        long id = request.fileId;
        return fetches.take(volume, id, request.offset, (int) length, attempt, message)
            ? Outcome.FETCHED
            : Outcome.NOT_READY;
      }
    } finally {
      use.leave(stamp);
    }
    answer.begin();
    answer.result = count;
    answer.content.wrap(buffer.address(), count);
    server.events().onOperation(count, 0);
    session.answer(message.correlationId(), answer);
    return Outcome.ANSWERED;
  }

  /** Only clients that read have one. */
  private MemorySegment buffer() {
    if (buffer == null) {
      buffer = Arena.ofAuto().allocate(server.config().inlineBytesMax(), Long.BYTES);
    }
    return buffer;
  }
}

package io.splitkernel.protocol.files.client;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.wire.FileAnswer;
import io.splitkernel.protocol.files.wire.FileRequest;
import io.splitkernel.protocol.sbe.FileOperation;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/** Calls about one volume under one epoch, a request and an answer for each thread. Any thread. */
final class RemoteCalls {
  private final FileClient client;
  private final String name;
  private final long epoch;
  private volatile long newestEpoch;
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  private static final class Scratch {
    final FileRequest request = new FileRequest();
    final FileAnswer answer = new FileAnswer();
  }

  RemoteCalls(FileClient client, String name, long epoch) {
    this.client = client;
    this.name = name;
    this.epoch = epoch;
    this.newestEpoch = epoch;
  }

  long newestEpoch() {
    return newestEpoch;
  }

  /** What this thread was answered last. */
  FileAnswer answer() {
    return scratch.get().answer;
  }

  /** What this thread asked last. */
  FileRequest request() {
    return scratch.get().request;
  }

  /** Ends the use by this thread. */
  void forget() {
    scratch.remove();
  }

  /** A request of this thread, which its last one becomes. */
  FileRequest begin(FileOperation operation, String path) {
    FileRequest request = scratch.get().request.begin(operation, name, path);
    request.epoch = epoch;
    return request;
  }

  /** Asks, and hands the attributes of the answer on when there are any to be had. */
  int call(FileAttributes out) {
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
    return text.length() > Volume.PATH_BYTES_MAX / 3
        && text.getBytes(StandardCharsets.UTF_8).length > Volume.PATH_BYTES_MAX;
  }

  /** Asks, and hands the bytes of the answer on. */
  int call(ByteSink out) {
    int result = call((FileAttributes) null);
    if (result >= 0) {
      UnsafeBuffer content = scratch.get().answer.content;
      byte[] bytes = new byte[content.capacity()];
      content.getBytes(0, bytes);
      out.accept(MemorySegment.ofArray(bytes));
    }
    return result;
  }
}

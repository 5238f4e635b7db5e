package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.Opcode;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.RawMemory;

/** A copy of a posted request; the payload of an inline one is taken along. */
final class PostedRequest {
  private final WorkRequest request;
  private final long sequence;
  private final long totalBytes;
  private final byte[] inline;

  PostedRequest(WorkRequest posted, long sequence) {
    this.request = new WorkRequest().copyFrom(posted);
    this.sequence = sequence;
    this.totalBytes = total(posted);
    this.inline = posted.isInline() ? gather(posted, (int) totalBytes) : null;
  }

  private static byte[] gather(WorkRequest posted, int total) {
    byte[] bytes = new byte[total];
    int at = 0;
    for (int i = 0; i < posted.scatterCount(); i++) {
      for (int j = 0; j < posted.localLength(i); j++) {
        bytes[at++] = RawMemory.getByte(posted.localAddress(i) + j);
      }
    }
    return bytes;
  }

  private static long total(WorkRequest request) {
    long total = 0;
    for (int i = 0; i < request.scatterCount(); i++) {
      if (request.localLength(i) < 0) {
        return -1;
      }
      total += request.localLength(i);
    }
    return total;
  }

  static boolean isWellFormed(WorkRequest request) {
    long total = total(request);
    if (total < 0 || total > SimFabric.MESSAGE_BYTES_MAX) {
      return false;
    }
    return switch (request.opcode()) {
      case WRITE, WRITE_WITH_IMMEDIATE, SEND ->
          !request.isInline() || total <= SimFabric.INLINE_BYTES_MAX;
      case READ -> !request.isInline();
      case COMPARE_AND_SWAP, FETCH_AND_ADD ->
          !request.isInline()
              && request.scatterCount() == 1
              && total == Long.BYTES
              && (request.remoteAddress() & (Long.BYTES - 1)) == 0;
      case RECEIVE, RECEIVE_WITH_IMMEDIATE -> false;
    };
  }

  WorkRequest request() {
    return request;
  }

  long sequence() {
    return sequence;
  }

  long totalBytes() {
    return totalBytes;
  }

  /** Payload of an inline request, else null. */
  byte[] inline() {
    return inline;
  }

  boolean needsReceive() {
    return request.opcode() == Opcode.SEND || request.opcode() == Opcode.WRITE_WITH_IMMEDIATE;
  }
}

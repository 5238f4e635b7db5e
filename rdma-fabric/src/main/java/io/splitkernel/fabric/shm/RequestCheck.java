package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.Opcode;
import io.splitkernel.fabric.WorkRequest;

/** Whether a work request is well-formed, before it is posted. Data path. */
final class RequestCheck {
  private RequestCheck() {}

  /** Bytes of all local buffers, or -1 when the request is malformed or breaks a limit. */
  static long totalBytes(WorkRequest request, int inlineBytesMax) {
    long total = 0;
    for (int i = 0; i < request.scatterCount(); i++) {
      int length = request.localLength(i);
      if (length < 0) {
        return -1;
      }
      total += length;
    }
    if (total > ShmFabric.MESSAGE_BYTES_MAX || !isWellFormed(request, total, inlineBytesMax)) {
      return -1;
    }
    return total;
  }

  private static boolean isWellFormed(WorkRequest request, long total, int inlineBytesMax) {
    Opcode opcode = request.opcode();
    boolean inlineFits = !request.isInline() || total <= inlineBytesMax;
    return switch (opcode) {
      case WRITE, WRITE_WITH_IMMEDIATE, SEND -> inlineFits;
      case READ -> !request.isInline();
      case COMPARE_AND_SWAP, FETCH_AND_ADD ->
          !request.isInline()
              && request.scatterCount() == 1
              && total == Long.BYTES
              && (request.remoteAddress() & (Long.BYTES - 1)) == 0;
      case RECEIVE, RECEIVE_WITH_IMMEDIATE -> false;
    };
  }
}

package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.FabricLimits;
import io.splitkernel.fabric.WorkRequest;

/** Which requests may be posted. Data path, allocates nothing. */
final class RequestCheck {
  private final long messageBytesMax;
  private final long inlineBytesMax;

  RequestCheck(FabricLimits limits) {
    messageBytesMax = limits.messageBytesMax();
    inlineBytesMax = limits.inlineBytesMax();
  }

  /** Bytes of the local buffers, or -1 when the request is malformed or breaks a limit. */
  long lengthOf(WorkRequest request) {
    if (request.isPlainMove()) {
      int length = request.localLength(0);
      return length <= messageBytesMax ? length : -1;
    }
    long total = request.lengthBytes();
    return total >= 0 && mayBePosted(request, total) ? total : -1;
  }

  private boolean mayBePosted(WorkRequest request, long total) {
    boolean fits = total <= messageBytesMax && (!request.isInline() || total <= inlineBytesMax);
    boolean good =
        switch (request.opcode()) {
          case READ -> !request.isInline();
          case WRITE, WRITE_WITH_IMMEDIATE, SEND -> true;
          case COMPARE_AND_SWAP, FETCH_AND_ADD ->
              !request.isInline()
                  && request.scatterCount() == 1
                  && total == Long.BYTES
                  && (request.remoteAddress() & (Long.BYTES - 1)) == 0;
          case RECEIVE, RECEIVE_WITH_IMMEDIATE -> false;
        };
    return fits && good;
  }
}

package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.CompletionStatus;

/**
 * The statuses by which a broken queue pair's requests end: the first one tells the cause, whatever
 * the device said. Of one polling thread, but for {@link #onPeerGone}.
 */
final class Failures {
  private volatile boolean peerGone;
  private boolean causeTold;

  /** CM thread: the peer has left, before anything failed here or after. */
  void onPeerGone() {
    peerGone = true;
  }

  /** Whether the peer's device refused the request, and lives. */
  static boolean isAnswerOfPeer(CompletionStatus status) {
    return status.code() >= CompletionStatus.REMOTE_INVALID_REQUEST.code()
        && status.code() <= CompletionStatus.REMOTE_OPERATION_ERROR.code();
  }

  /**
   * A request ended badly.
   *
   * @param status of the device.
   * @param receive whether it was a receive.
   * @param closed whether this end has closed the connection.
   * @return the status to be told.
   */
  CompletionStatus tell(CompletionStatus status, boolean receive, boolean closed) {
    if (status == CompletionStatus.FLUSHED) {
      return flushed(receive, closed);
    }
    causeTold |= !receive;
    // SoftRoCE ends a receive so that an immediate was meant for when the write was refused
    boolean unused = receive && status == CompletionStatus.REMOTE_ACCESS_ERROR;
    return unused ? CompletionStatus.FLUSHED : status;
  }

  /** A flush without a cause is a fault of the device, or a local one that SoftRoCE hides. */
  private CompletionStatus flushed(boolean receive, boolean closed) {
    if (receive || causeTold || closed) {
      return CompletionStatus.FLUSHED;
    }
    causeTold = true;
    return peerGone ? CompletionStatus.RETRY_EXCEEDED : CompletionStatus.LOCAL_QP_OPERATION_ERROR;
  }
}

package io.splitkernel.fabric;

/**
 * Outcome of a work request, by verbs' names ({@code enum ibv_wc_status}); {@link #code} is verbs'
 * number.
 */
public enum CompletionStatus {
  /** Done. */
  SUCCESS(0),
  /** A message was longer than the receive buffer. */
  LOCAL_LENGTH_ERROR(1),
  /** Something inside the provider broke. */
  LOCAL_QP_OPERATION_ERROR(2),
  /** A local key is wrong, out of bounds, or lacks a right. */
  LOCAL_PROTECTION_ERROR(4),
  /** The connection was already in error. */
  FLUSHED(5),
  /**
   * The target's connection does not allow this kind of operation, or its receive was too short.
   */
  REMOTE_INVALID_REQUEST(9),
  /** Wrong key, out of bounds, missing right, other protection domain, or deregistered. */
  REMOTE_ACCESS_ERROR(10),
  /** The target could not complete the operation. */
  REMOTE_OPERATION_ERROR(11),
  /** The peer has gone or is silent. */
  RETRY_EXCEEDED(12),
  /** The peer posted no receive in time. */
  RNR_RETRY_EXCEEDED(13);

  private final int code;

  CompletionStatus(int code) {
    this.code = code;
  }

  /**
   * Number in {@code enum ibv_wc_status}.
   *
   * @return the number.
   */
  public int code() {
    return code;
  }
}

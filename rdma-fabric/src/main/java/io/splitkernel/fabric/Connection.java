package io.splitkernel.fabric;

/**
 * A reliable connection (an RC queue pair). Operations posted on it start in order; READs and
 * atomics read in order with respect to earlier WRITEs; completions of one queue come in posting
 * order; a WRITE is visible at the target before any later operation of the same connection is.
 *
 * <p>After the first bad completion the connection is in {@link State#ERROR}: everything still
 * posted and everything posted later completes with {@link CompletionStatus#FLUSHED}. Close it
 * then.
 *
 * <p>{@link #post}: one thread at a time per connection; {@link #postReceive}: one thread at a time
 * too, which may be another one. Data path.
 */
public interface Connection extends AutoCloseable {
  /** Posted. */
  int POSTED = 0;

  /** The queue is full: poll completions, then try again. Nothing was posted. */
  int QUEUE_FULL = -1;

  /** The connection was closed by this end. Nothing was posted. */
  int CLOSED = -2;

  /** The request breaks a limit or is malformed (for example a misaligned atomic). */
  int INVALID = -3;

  /** Life of a connection. */
  enum State {
    /** Operations flow. */
    CONNECTED,
    /** Something failed or the peer has gone; operations are flushed. */
    ERROR,
    /** Closed by this end. */
    CLOSED
  }

  /**
   * Number that the completions of this connection carry; unique in the fabric instance.
   *
   * @return the queue pair number.
   */
  int number();

  /**
   * Name of the provider that carries it; any thread.
   *
   * @return {@code shm}, {@code verbs} or {@code sim}.
   */
  String provider();

  /**
   * RDMA device that carries it; any thread.
   *
   * @return name as {@code ibv_devices} prints it, or empty where there is none.
   */
  default String device() {
    return "";
  }

  /**
   * State as known now. Any thread.
   *
   * @return the state.
   */
  State state();

  /**
   * Why the connection is in error, one line, or null while it is not. Any thread.
   *
   * @return the reason.
   */
  String errorReason();

  /**
   * Runs a callback once, on a thread of the fabric, when the peer is gone or the connection falls
   * into error; at once when it already has. Not called for a close by this end.
   *
   * @param callback must be short and must not block.
   */
  void onDisconnect(Runnable callback);

  /**
   * Data path. Posts one request; its fields are copied, so that it can be reused at once. Payload
   * of inline requests too; other payload must stay untouched until completion.
   *
   * @param request what to do.
   * @return {@link #POSTED}, {@link #QUEUE_FULL}, {@link #CLOSED} or {@link #INVALID}.
   */
  int post(WorkRequest request);

  /**
   * Data path. Posts {@code requests[0..count)} in order with one doorbell where the provider can.
   *
   * @param requests reusable requests.
   * @param count how many of them.
   * @return how many were posted (the rest met a full queue), or {@link #CLOSED} or {@link
   *     #INVALID} when the first one could not be.
   */
  int post(WorkRequest[] requests, int count);

  /**
   * Data path. Posts a buffer for one incoming SEND or WRITE with immediate.
   *
   * @param wrId returned in the completion.
   * @param lkey of a region with {@link Access#LOCAL_WRITE}; 0 with length 0 for immediates only.
   * @param address in the region's iova.
   * @param lengthBytes of the buffer.
   * @return as {@link #post(WorkRequest)}.
   */
  int postReceive(long wrId, int lkey, long address, int lengthBytes);

  /**
   * Closes this end. Outstanding requests are flushed; the peer's connection falls into error. Any
   * thread, idempotent.
   */
  @Override
  void close();
}

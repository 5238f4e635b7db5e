package io.splitkernel.fabric;

/**
 * Where completions arrive. {@link #poll} is data path and belongs to one thread at a time; {@link
 * #await} blocks.
 */
public interface CompletionQueue extends AutoCloseable {
  /**
   * Data path. Moves completions, oldest first, into the batch, which is cleared before.
   *
   * @param batch reusable receiver.
   * @return how many, from 0 to the capacity of the batch.
   */
  int poll(CompletionBatch batch);

  /**
   * Waits, without burning the processor, until {@link #poll} would find something.
   *
   * @param timeoutNs longest wait.
   * @return true when there is something to poll, false after the time.
   */
  boolean await(long timeoutNs);

  /**
   * A file descriptor for {@code epoll} that becomes readable after {@link #arm} when a completion
   * arrives; -1 where the provider has none.
   *
   * @return the descriptor, owned by the queue.
   */
  int eventDescriptor();

  /**
   * Requests one event on {@link #eventDescriptor} for the next completion, and drains old events.
   * An event may come although the completion that it tells of has been polled meanwhile; {@link
   * #await} arms too.
   *
   * @return false when completions are already there, so that the caller must poll instead of wait.
   */
  boolean arm();

  /**
   * Drains {@link #eventDescriptor} and requests no further event; the caller polls afterwards. A
   * program that polls after every event and arms only before it blocks pays for an event only when
   * it has slept.
   */
  void acknowledge();

  /** Closes the queue; every connection that feeds it must have been closed. */
  @Override
  void close();
}

package io.splitkernel.protocol.rpc;

/**
 * What a {@link MessageHandler} has under way beside messages, on the thread of the connection,
 * which waits for both. That thread only.
 */
public interface ConnectionWork {
  /**
   * Whether something is under way; as long as nothing is, {@link #run} is not called.
   *
   * @return true when there is.
   */
  boolean isPending();

  /**
   * Once something was under way: readable when {@link #run} will find that something has ended.
   *
   * @return a descriptor for {@code epoll}, the same until the connection ends.
   */
  int descriptor();

  /**
   * Does what is to be done when something has ended; waits for nothing. Called when no message is
   * there, and after some where they come without a pause.
   *
   * @return whether something had ended.
   */
  boolean run();
}

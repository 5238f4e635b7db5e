package io.splitkernel.protocol.files.server;

/** What an owner of a file server counts. Any thread; must neither block nor throw. */
public interface FileServerEvents {
  /** Counts nothing. */
  FileServerEvents NONE = new FileServerEvents() {};

  /**
   * A client has come, or is gone: it is not connected and none of its operations runs any more.
   *
   * @param change 1 or -1.
   */
  default void onClients(int change) {}

  /**
   * An operation was answered.
   *
   * @param readBytes of a file, 0 when it was no read.
   * @param writtenBytes to a file, 0 when it was no write.
   */
  default void onOperation(long readBytes, long writtenBytes) {}
}

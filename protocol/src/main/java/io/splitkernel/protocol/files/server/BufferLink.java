package io.splitkernel.protocol.files.server;

import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.WorkRequest;

/** The connection for one-sided transfers with one client's buffers; one transfer at a time. */
final class BufferLink implements AutoCloseable {
  private static final int DEPTH = 4;

  private final CompletionQueue queue;
  private final Connection connection;
  private final int lkey;
  private final long timeoutNs;
  private final CompletionBatch batch = new CompletionBatch(DEPTH);
  private final WorkRequest request = new WorkRequest();
  private boolean broken;

  private BufferLink(CompletionQueue queue, Connection connection, int lkey, long timeoutNs) {
    this.queue = queue;
    this.connection = connection;
    this.lkey = lkey;
    this.timeoutNs = timeoutNs;
  }

  static BufferLink accept(FileServer server, ConnectionRequest request) throws FabricException {
    long timeoutNs = server.config().transferNs();
    CompletionQueue queue;
    try {
      queue = server.fabric().createCompletionQueue(2 * DEPTH);
    } catch (FabricException e) {
      request.reject("out of resources");
      throw e;
    }
    Connection connection = null;
    try {
      connection =
          request.accept(
              new ConnectionConfig(server.domain(), queue, queue, DEPTH, DEPTH, 0, timeoutNs));
      int lkey = server.region().lkeyOn(connection);
      return new BufferLink(queue, connection, lkey, timeoutNs);
    } catch (FabricException e) {
      if (connection != null) {
        connection.close();
      }
      queue.close();
      throw e;
    }
  }

  synchronized boolean move(
      boolean push, long localAddress, int length, long remoteAddress, int rkey) {
    if (broken) {
      return false;
    }
    if (push) {
      request.write(0, remoteAddress, rkey).local(lkey, localAddress, length);
    } else {
      request.read(0, remoteAddress, rkey).local(lkey, localAddress, length);
    }
    broken = connection.post(request) != Connection.POSTED || !await();
    return !broken;
  }

  private boolean await() {
    long deadline = System.nanoTime() + timeoutNs;
    while (queue.poll(batch) == 0) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      queue.await(left);
    }
    return batch.status(0) == CompletionStatus.SUCCESS;
  }

  /** Waits for a transfer that runs. */
  @Override
  public void close() {
    connection.close();
    synchronized (this) {
      broken = true;
      queue.close();
    }
  }
}

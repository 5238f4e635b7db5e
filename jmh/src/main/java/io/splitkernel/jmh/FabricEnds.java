package io.splitkernel.jmh;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.Listener;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.fabric.providers.FabricProviders;
import java.util.concurrent.CompletableFuture;

/**
 * Two connected fabrics of one process: one-sided operations of the first end run on the memory of
 * the second. Not thread-safe.
 */
final class FabricEnds implements AutoCloseable {
  private static final long TIMEOUT_NS = 10_000_000_000L;
  private static final int QUEUE_DEPTH = 128;
  private static final long LOCAL_IOVA = 0x10000;
  private static final long REMOTE_IOVA = 0x7f00_0000_0000L;

  private final Fabric near;
  private final Fabric far;
  private final CompletionQueue queue;
  private final CompletionBatch batch = new CompletionBatch(QUEUE_DEPTH);
  private final Connection connection;
  final FabricMemory local;
  final FabricMemory remote;
  final MemoryRegion localRegion;
  final MemoryRegion remoteRegion;

  FabricEnds(String fabric, long memoryBytes) throws FabricException {
    near = FabricProviders.open(fabric);
    far = FabricProviders.open(fabric);
    ProtectionDomain nearDomain = near.allocateProtectionDomain();
    ProtectionDomain farDomain = far.allocateProtectionDomain();
    queue = near.createCompletionQueue(QUEUE_DEPTH * 2);
    CompletionQueue farQueue = far.createCompletionQueue(QUEUE_DEPTH * 2);
    local = near.allocateMemory(memoryBytes, "bench-near");
    remote = far.allocateMemory(memoryBytes, "bench-far");
    local.segment().fill((byte) 1);
    remote.segment().fill((byte) 2);
    localRegion = nearDomain.register(local, 0, local.lengthBytes(), LOCAL_IOVA, Access.ALL);
    remoteRegion = farDomain.register(remote, 0, remote.lengthBytes(), REMOTE_IOVA, Access.ALL);
    try (Listener listener = far.listen(new FabricAddress("localhost", 0))) {
      CompletableFuture<Connection> accepted =
          CompletableFuture.supplyAsync(() -> accept(listener, config(farDomain, farQueue)));
      connection =
          near.connect(listener.address(), config(nearDomain, queue), new byte[0], TIMEOUT_NS);
      accepted.join();
    }
  }

  private static Connection accept(Listener listener, ConnectionConfig config) {
    try {
      return listener.accept(TIMEOUT_NS).accept(config);
    } catch (FabricException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ConnectionConfig config(ProtectionDomain domain, CompletionQueue queue) {
    return new ConnectionConfig(
        domain, queue, queue, QUEUE_DEPTH, QUEUE_DEPTH, Access.ALL, TIMEOUT_NS);
  }

  /** Posts one request and polls until it is done. */
  void complete(WorkRequest request) {
    if (connection.post(request) != Connection.POSTED) {
      throw new IllegalStateException("not posted: " + connection.errorReason());
    }
    drain(1);
  }

  /** Posts requests with one doorbell and polls until all are done. */
  void complete(WorkRequest[] requests) {
    if (connection.post(requests, requests.length) != requests.length) {
      throw new IllegalStateException("not all posted: " + connection.errorReason());
    }
    drain(requests.length);
  }

  /** Posts one request so often, with so many outstanding, and polls until all are done. */
  void complete(WorkRequest request, int count, int depth) {
    int posted = 0;
    int done = 0;
    while (done < count) {
      while (posted < count && posted - done < depth) {
        if (connection.post(request) != Connection.POSTED) {
          throw new IllegalStateException("not posted: " + connection.errorReason());
        }
        posted++;
      }
      done += poll();
    }
  }

  private void drain(int count) {
    int left = count;
    while (left > 0) {
      left -= poll();
    }
  }

  private int poll() {
    int polled = queue.poll(batch);
    for (int i = 0; i < polled; i++) {
      if (batch.status(i) != CompletionStatus.SUCCESS) {
        throw new IllegalStateException("completed with " + batch.status(i));
      }
    }
    return polled;
  }

  @Override
  public void close() {
    near.close();
    far.close();
  }
}

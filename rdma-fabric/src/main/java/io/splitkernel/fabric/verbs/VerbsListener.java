package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.Listener;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A listening rdma_cm_id. */
final class VerbsListener implements Listener, CmEvents.Requests {
  private final VerbsFabric fabric;
  private final FabricAddress address;
  private final long id;
  private final LinkedBlockingQueue<VerbsConnectionRequest> waiting = new LinkedBlockingQueue<>();
  private volatile boolean closed;

  VerbsListener(VerbsFabric fabric, FabricAddress address, long id) {
    this.fabric = fabric;
    this.address = address;
    this.id = id;
  }

  @Override
  public FabricAddress address() {
    return address;
  }

  @Override
  public void onRequest(long requestId, byte[] privateData) {
    VerbsConnectionRequest request = new VerbsConnectionRequest(fabric, requestId, privateData);
    if (closed) {
      request.reject("the listener is closed");
    } else {
      waiting.add(request);
    }
  }

  @Override
  public ConnectionRequest accept(long timeoutNs) {
    long deadline = System.nanoTime() + timeoutNs;
    try {
      while (!closed) {
        long left = Math.max(0, deadline - System.nanoTime());
        // in slices, because close() has nothing to put into the queue
        VerbsConnectionRequest next =
            waiting.poll(Math.min(left, 20_000_000L), TimeUnit.NANOSECONDS);
        if (next != null || left == 0) {
          return next;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    VerbsConnectionRequest left = waiting.poll();
    while (left != null) {
      left.reject("the listener is closed");
      left = waiting.poll();
    }
    fabric.events().discard(id);
    fabric.events().settle(); // the port is free afterwards
    fabric.forget(this);
  }
}

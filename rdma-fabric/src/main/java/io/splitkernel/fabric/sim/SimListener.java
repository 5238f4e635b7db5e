package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.Listener;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;

/** A simulated listener; in a stepped network connectors are handed to {@link #onRequest}. */
public final class SimListener implements Listener {
  private final SimFabric fabric;
  private final ArrayDeque<SimConnectionRequest> waiting = new ArrayDeque<>();
  private FabricAddress address;
  private Consumer<ConnectionRequest> acceptor;
  private boolean closed;

  private SimListener(SimFabric fabric) {
    this.fabric = fabric;
  }

  static SimListener open(SimFabric fabric, FabricAddress wanted) throws FabricException {
    SimListener listener = new SimListener(fabric);
    listener.address = fabric.network().bind(wanted, listener);
    if (listener.address == null) {
      throw new FabricException(
          "listen("
              + wanted
              + "): EADDRINUSE (98) Address already in use; is the component"
              + " running already?");
    }
    return listener;
  }

  /** Hands every further connector to {@code acceptor}, within the call that connects. */
  public void onRequest(Consumer<ConnectionRequest> acceptor) {
    synchronized (fabric.network()) {
      this.acceptor = acceptor;
    }
  }

  SimFabric fabric() {
    return fabric;
  }

  void offer(SimConnectionRequest request) {
    if (acceptor != null) {
      acceptor.accept(request);
      return;
    }
    waiting.add(request);
    fabric.network().notifyAll();
  }

  void forget(SimConnectionRequest request) {
    waiting.remove(request);
  }

  @Override
  public FabricAddress address() {
    return address;
  }

  @Override
  public ConnectionRequest accept(long timeoutNs) throws FabricException {
    synchronized (fabric.network()) {
      long deadline = fabric.network().nanoTime() + timeoutNs;
      boolean mayChange = true;
      while (mayChange && waiting.isEmpty() && !closed) {
        mayChange = fabric.network().awaitChange(deadline);
      }
      return waiting.poll();
    }
  }

  @Override
  public boolean isClosed() {
    synchronized (fabric.network()) {
      return closed;
    }
  }

  @Override
  public void close() {
    synchronized (fabric.network()) {
      if (!closed) {
        closed = true;
        fabric.network().unbind(address);
        List.copyOf(waiting).forEach(request -> request.reject("the listener was closed"));
        fabric.forget(this);
        fabric.network().notifyAll();
      }
    }
  }
}

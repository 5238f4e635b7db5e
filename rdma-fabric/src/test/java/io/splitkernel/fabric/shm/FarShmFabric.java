package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricLimits;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.Listener;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.UnreachableException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Shared memory that stands for a provider of another machine: it has ports of its own, so that it
 * listens where plain {@code shm} does too without either noticing.
 */
public final class FarShmFabric implements Fabric {
  private static final int SHIFT = 40_000;

  private final ShmFabric fabric;

  /** Opens an instance. */
  public FarShmFabric() throws FabricException {
    fabric = ShmFabric.open(ShmConfig.defaults());
  }

  @Override
  public String name() {
    return "far";
  }

  @Override
  public FabricLimits limits() {
    return fabric.limits();
  }

  @Override
  public ProtectionDomain allocateProtectionDomain() throws FabricException {
    return fabric.allocateProtectionDomain();
  }

  @Override
  public CompletionQueue createCompletionQueue(int entriesMin) throws FabricException {
    return fabric.createCompletionQueue(entriesMin);
  }

  @Override
  public FabricMemory allocateMemory(long lengthBytes, String label) throws FabricException {
    return fabric.allocateMemory(lengthBytes, label);
  }

  @Override
  public FabricMemory adopt(FabricMemory memory) throws FabricException {
    return fabric.adopt(memory);
  }

  @Override
  public Listener listen(FabricAddress address) throws FabricException {
    Listener listener = fabric.listen(shifted(address));
    FabricAddress bound =
        new FabricAddress(address.host(), listener.address().port() % SHIFT + SHIFT);
    return new ShiftedListener(listener, bound);
  }

  @Override
  public Connection connect(
      FabricAddress remote, ConnectionConfig config, byte[] privateData, long timeoutNs)
      throws FabricException {
    try {
      return fabric.connect(shifted(remote), config, privateData, timeoutNs);
    } catch (UnreachableException e) {
      String shown = shifted(remote).toString();
      throw new UnreachableException(e.getMessage().replace(shown, remote.toString()));
    }
  }

  /** Ports that are chosen are above the shift, and are used below it. */
  private static FabricAddress shifted(FabricAddress address) {
    int port = address.port() == 0 ? 0 : address.port() % SHIFT;
    return new FabricAddress(address.host(), port == 0 ? free() : port);
  }

  private static int free() {
    return ThreadLocalRandom.current().nextInt(1024, 65_536 - SHIFT);
  }

  @Override
  public void close() {
    fabric.close();
  }

  private record ShiftedListener(Listener listener, FabricAddress address) implements Listener {
    @Override
    public ConnectionRequest accept(long timeoutNs) throws FabricException {
      return listener.accept(timeoutNs);
    }

    @Override
    public boolean isClosed() {
      return listener.isClosed();
    }

    @Override
    public void close() {
      listener.close();
    }
  }
}

package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.RdmaCm;
import io.splitkernel.ffi.rdma.Verbs;
import io.splitkernel.ffi.rdma.VerbsLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Ways from a device to peers, by IP address. The loopback address, by which no device is reached,
 * stands for the device's own. Any thread; control path.
 */
final class Routes {
  private static final int ADDRESS_MS_MAX = 60_000;
  private static final int PLACES_BYTES = 4096;
  private static final int SOURCE_AT = 2048;

  private final VerbsDevice device;
  private final InetAddress own;
  private final boolean fromOwn;

  /**
   * @param device that peers are reached by.
   * @param own its address.
   * @param fromOwn whether connections must leave by that address, and so by its GID.
   */
  Routes(VerbsDevice device, InetAddress own, boolean fromOwn) {
    this.device = device;
    this.own = own;
    this.fromOwn = fromOwn;
  }

  /** The device's own address. */
  InetAddress own() {
    return own;
  }

  /** Binds an identifier; 0 or {@code -errno}. */
  int bind(long id, FabricAddress address) throws FabricException {
    InetAddress local = resolve(address);
    long place = RawMemory.map(PLACES_BYTES);
    RdmaCm.socketAddress(place, local, address.port());
    int result = RdmaCm.bind(id, place);
    RawMemory.unmap(place, PLACES_BYTES);
    return result;
  }

  /** What peers on other machines can use instead of the loopback or the wildcard address. */
  String announced(FabricAddress address) throws FabricException {
    InetAddress local = resolve(address);
    return local.equals(own) || local.isAnyLocalAddress() ? own.getHostAddress() : address.host();
  }

  private InetAddress resolve(FabricAddress address) throws FabricException {
    try {
      InetAddress found = InetAddress.getByName(address.host());
      return found.isLoopbackAddress() ? own : found;
    } catch (UnknownHostException e) {
      throw new FabricException("host " + address.host() + " is unknown", e);
    }
  }

  /** Resolves address and route of an identifier that is to be connected. */
  void find(String what, long id, FabricAddress remote, PendingEvents pending, long deadlineNs)
      throws FabricException {
    int timeoutMs = Math.clamp((deadlineNs - System.nanoTime()) / 1_000_000, 1, ADDRESS_MS_MAX);
    check(what, resolveAddress(id, resolve(remote), remote.port(), timeoutMs));
    pending.await("RDMA_CM_EVENT_ADDR_RESOLVED", what, deadlineNs);
    long reached = RawMemory.getLong(id + VerbsLayout.of("rdma_cm_id.verbs"));
    if (reached != device.context()) {
      throw new FabricException(
          what
              + ": it is reached by device "
              + Verbs.deviceName(reached)
              + ", not "
              + device.name()
              + "; choose one with --device or --gid-index");
    }
    check(what, RdmaCm.resolveRoute(id, timeoutMs));
    pending.await("RDMA_CM_EVENT_ROUTE_RESOLVED", what, deadlineNs);
  }

  private int resolveAddress(long id, InetAddress remote, int port, int timeoutMs) {
    boolean bound = fromOwn && own.getClass() == remote.getClass();
    long place = RawMemory.map(PLACES_BYTES);
    RdmaCm.socketAddress(place, remote, port);
    RdmaCm.socketAddress(place + SOURCE_AT, own, 0);
    int result = RdmaCm.resolveAddress(id, bound ? place + SOURCE_AT : 0, place, timeoutMs);
    RawMemory.unmap(place, PLACES_BYTES);
    return result;
  }

  private static void check(String what, int result) throws FabricException {
    if (result != 0) {
      throw new FabricException(what + ": " + Errno.text(result));
    }
  }
}

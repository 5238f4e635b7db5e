package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.rdma.RdmaAttributes;
import io.splitkernel.ffi.rdma.RdmaCm;
import io.splitkernel.ffi.rdma.RdmaLibraries;
import io.splitkernel.ffi.rdma.RdmaPort;
import io.splitkernel.ffi.rdma.Verbs;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An RDMA device of this machine as it is now. Peers are reached by IP address; the connection
 * manager chooses the GID that carries it. Any thread; control path.
 *
 * @param name as {@code ibv_devices} prints it.
 * @param context opened by the connection manager, never closed.
 * @param boardId from sysfs; empty where the device has none.
 * @param attributes of the device.
 * @param ports of the device.
 * @param addresses IP addresses that lead to the device, the best one first; empty makes it
 *     unusable.
 */
public record VerbsDevice(
    String name,
    long context,
    String boardId,
    RdmaAttributes attributes,
    List<RdmaPort> ports,
    List<InetAddress> addresses) {
  private static final Path CLASS = Path.of("/sys/class/infiniband");

  /**
   * The devices of this machine.
   *
   * @return in the order of the library; empty when there is none.
   * @throws FabricException when the libraries are missing; the text has the cure.
   */
  public static List<VerbsDevice> all() throws FabricException {
    String missing = RdmaLibraries.missing().orElse(null);
    if (missing != null) {
      throw new FabricException(missing);
    }
    List<VerbsDevice> devices = new ArrayList<>();
    for (long context : RdmaCm.devices()) {
      devices.add(of(context));
    }
    return devices;
  }

  /**
   * Why no device can be used, in one line with the cure, or empty when one can.
   *
   * @param device its name; empty asks for any.
   * @return the reason.
   */
  public static String noneUsable(String device) {
    try {
      usable(device);
      return "";
    } catch (FabricException e) {
      return e.getMessage();
    }
  }

  /**
   * The first device of a name that can be used.
   *
   * @param name its name; empty asks for any.
   * @return the device.
   * @throws FabricException with the reason and the cure when there is none.
   */
  public static VerbsDevice usable(String name) throws FabricException {
    List<VerbsDevice> devices = all();
    List<VerbsDevice> named =
        devices.stream().filter(each -> name.isEmpty() || name.equals(each.name())).toList();
    for (VerbsDevice each : named) {
      if (each.obstacle().isEmpty()) {
        return each;
      }
    }
    if (devices.isEmpty()) {
      throw new FabricException(
          "this machine has no RDMA device; SoftRoCE makes one: rdma link add rxe0 type rxe netdev"
              + " NETDEV");
    }
    throw new FabricException(
        named.isEmpty()
            ? "no device " + name + " among " + devices.stream().map(VerbsDevice::name).toList()
            : named.stream().map(VerbsDevice::obstacle).collect(Collectors.joining("; ")));
  }

  static VerbsDevice of(long context) {
    String name = Verbs.deviceName(context);
    RdmaAttributes attributes = RdmaAttributes.of(context);
    List<RdmaPort> ports = RdmaPort.of(context, attributes.portCount());
    return new VerbsDevice(name, context, boardId(name), attributes, ports, addresses(name, ports));
  }

  private static String boardId(String device) {
    try {
      return Files.readString(CLASS.resolve(device).resolve("board_id")).strip();
    } catch (IOException e) {
      return ""; // as soft devices have none
    }
  }

  /**
   * Why the device cannot be used, in one line with the cure, or empty when it can.
   *
   * @return the reason.
   */
  public String obstacle() {
    if (ports.stream().noneMatch(RdmaPort::isActive)) {
      return name + " has no active port; see ibv_devinfo, and bring its network interface up";
    }
    if (addresses.isEmpty()) {
      return name + " has no IP address; give its network interface one (ip address add)";
    }
    return "";
  }

  /**
   * Why a port of the device cannot be used, in one line with the cure, or empty when it can.
   *
   * @param port one of its ports.
   * @return the reason.
   */
  public String obstacle(RdmaPort port) {
    String here = "port " + port.number() + " of " + name;
    if (!port.isActive()) {
      return here + " is not active; bring its network interface up (ip link set NETDEV up)";
    }
    boolean addressed =
        !port.isEthernet() || port.gids().stream().anyMatch(g -> addresses.contains(g.address()));
    if (obstacle().isEmpty() && !addressed) {
      return here + " has no IP address; give its network interface one (ip address add)";
    }
    return obstacle();
  }

  /**
   * The GID that connections take unless told otherwise: the one that carries the best address.
   *
   * @return the GID, or null where the connection manager alone knows it.
   */
  public RdmaPort.Gid chosenGid() {
    return addresses.isEmpty() ? null : gidOf(addresses.getFirst());
  }

  /** The GID by which the connection manager reaches an address of this device, or null. */
  public RdmaPort.Gid gidOf(InetAddress address) {
    for (RdmaPort port : ports) {
      for (RdmaPort.Gid gid : port.gids()) {
        if (gid.type() == RdmaPort.GidType.ROCE_V2 && gid.address().equals(address)) {
          return gid;
        }
      }
    }
    return null;
  }

  /** The IP address that a GID carries. */
  InetAddress addressOf(int gidIndex) throws FabricException {
    for (RdmaPort port : ports) {
      for (RdmaPort.Gid gid : port.gids()) {
        if (gid.index() == gidIndex && addresses.contains(gid.address())) {
          return gid.address();
        }
      }
    }
    throw new FabricException(
        name
            + ": GID "
            + gidIndex
            + " carries no IP address of RoCE v2; 'lego devices' lists them");
  }

  /** RoCE: what the GIDs carry. InfiniBand: what the interfaces over it have. */
  private static List<InetAddress> addresses(String name, List<RdmaPort> ports) {
    List<InetAddress> four = new ArrayList<>();
    List<InetAddress> six = new ArrayList<>();
    for (RdmaPort port : ports) {
      for (RdmaPort.Gid gid : port.isActive() ? port.gids() : List.<RdmaPort.Gid>of()) {
        if (gid.type() == RdmaPort.GidType.ROCE_V2) {
          sort(gid.address(), four, six);
        }
      }
    }
    if (ports.stream().anyMatch(port -> port.isActive() && !port.isEthernet())) {
      interfaces(name).forEach(each -> sort(each, four, six));
    }
    four.addAll(six);
    return List.copyOf(four);
  }

  private static void sort(InetAddress address, List<InetAddress> four, List<InetAddress> six) {
    if (address instanceof Inet4Address) {
      four.add(address);
    } else if (!address.isLinkLocalAddress()) {
      six.add(address);
    }
  }

  private static List<InetAddress> interfaces(String device) {
    List<InetAddress> found = new ArrayList<>();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(CLASS.resolve(device).resolve("device/net"))) {
      for (Path each : all) {
        NetworkInterface network = NetworkInterface.getByName(each.getFileName().toString());
        if (network != null) {
          found.addAll(Collections.list(network.getInetAddresses()));
        }
      }
    } catch (IOException e) {
      return found; // a device without interfaces
    }
    return found;
  }
}

package io.splitkernel.launcher.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.verbs.VerbsDevice;
import io.splitkernel.ffi.rdma.RdmaPort;
import io.splitkernel.launcher.logging.Logging;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lego devices}. */
@Command(
    name = "devices",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Lists the RDMA devices of this machine, their ports and GIDs, and whether Lego can use them.",
      "A star marks the GID that peers reach by the device's IP address."
    },
    footer = {"", "Example:", "  lego devices --json"})
final class DevicesCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws JsonProcessingException {
    Logging.silent();
    List<VerbsDevice> devices;
    String none;
    try {
      devices = VerbsDevice.all();
      none = devices.isEmpty() ? VerbsDevice.noneUsable("") : "";
    } catch (FabricException e) {
      devices = List.of();
      none = e.getMessage();
    }
    if (json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("devices", devices.stream().map(DevicesCommand::asMap).toList());
      document.put("obstacle", none);
      System.out.println(
          new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(document));
      return 0;
    }
    if (!none.isEmpty()) {
      System.out.println(none);
    }
    devices.forEach(DevicesCommand::print);
    return 0;
  }

  private static void print(VerbsDevice device) {
    String obstacle = device.obstacle();
    System.out.println(
        device.name() + "  " + (obstacle.isEmpty() ? "usable" : "not usable: " + obstacle));
    for (RdmaPort port : device.ports()) {
      System.out.printf(
          Locale.ROOT,
          "  port %d  %s  %s  MTU %d%n",
          port.number(),
          port.isActive() ? "active" : "down",
          port.isEthernet() ? "Ethernet" : "InfiniBand",
          port.mtuBytes());
      for (RdmaPort.Gid gid : port.gids()) {
        System.out.printf(
            Locale.ROOT,
            "  %s GID %-3d %-8s %s%s%n",
            isChosen(device, gid) ? "*" : " ",
            gid.index(),
            gid.type(),
            gid.address().getHostAddress(),
            netdev(gid).isEmpty() ? "" : "  " + netdev(gid));
      }
    }
  }

  private static boolean isChosen(VerbsDevice device, RdmaPort.Gid gid) {
    return !device.addresses().isEmpty() && gid.equals(device.gidOf(device.addresses().getFirst()));
  }

  private static String netdev(RdmaPort.Gid gid) {
    try {
      NetworkInterface found =
          gid.interfaceIndex() == 0 ? null : NetworkInterface.getByIndex(gid.interfaceIndex());
      return found == null ? "" : found.getName();
    } catch (SocketException e) {
      return ""; // it has gone meanwhile
    }
  }

  private static Map<String, Object> asMap(VerbsDevice device) {
    List<Map<String, Object>> ports = new ArrayList<>();
    for (RdmaPort port : device.ports()) {
      List<Map<String, Object>> gids = new ArrayList<>();
      for (RdmaPort.Gid gid : port.gids()) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("index", gid.index());
        entry.put("type", gid.type().name());
        entry.put("address", gid.address().getHostAddress());
        entry.put("netdev", netdev(gid));
        entry.put("chosen", isChosen(device, gid));
        gids.add(entry);
      }
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("number", port.number());
      entry.put("active", port.isActive());
      entry.put("link_layer", port.isEthernet() ? "Ethernet" : "InfiniBand");
      entry.put("mtu_bytes", port.mtuBytes());
      entry.put("gids", gids);
      ports.add(entry);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", device.name());
    map.put("usable", device.obstacle().isEmpty());
    map.put("obstacle", device.obstacle());
    map.put("ports", ports);
    return map;
  }
}

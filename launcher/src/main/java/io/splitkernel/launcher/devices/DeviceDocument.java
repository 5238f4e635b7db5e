package io.splitkernel.launcher.devices;

import io.splitkernel.fabric.verbs.VerbsDevice;
import io.splitkernel.ffi.rdma.RdmaAttributes;
import io.splitkernel.ffi.rdma.RdmaPort;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A device by names, for JSON: numbers as numbers, the rest in the words of the listing. */
public final class DeviceDocument {
  private DeviceDocument() {}

  /**
   * Describes one device.
   *
   * @param device as it is now.
   * @param netdevs names of this machine's network interfaces.
   * @return by name, in a fixed order.
   */
  public static Map<String, Object> of(VerbsDevice device, Netdevs netdevs) {
    RdmaAttributes attributes = device.attributes();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", device.name());
    map.put("usable", device.obstacle().isEmpty());
    map.put("obstacle", device.obstacle());
    map.put("transport", DeviceWords.transport(attributes.transport()));
    map.put("fw_ver", attributes.firmware());
    map.put("node_guid", DeviceWords.guid(attributes.nodeGuid()));
    map.put("sys_image_guid", DeviceWords.guid(attributes.systemImageGuid()));
    map.put("vendor_id", attributes.vendorId());
    map.put("vendor_part_id", attributes.vendorPartId());
    map.put("hw_ver", attributes.hardwareVersion());
    map.put("board_id", device.boardId());
    map.put("phys_port_cnt", attributes.portCount());
    List<Map<String, Object>> ports = new ArrayList<>();
    device.ports().forEach(port -> ports.add(port(device, port, netdevs)));
    map.put("ports", ports);
    return map;
  }

  private static Map<String, Object> port(VerbsDevice device, RdmaPort port, Netdevs netdevs) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("number", port.number());
    map.put("active", port.isActive());
    map.put("link_layer", DeviceWords.linkLayer(port.linkLayer()));
    map.put("mtu_bytes", port.mtuBytes());
    map.put("state", DeviceWords.state(port.state()));
    map.put("max_mtu_bytes", RdmaPort.mtuBytes(port.maxMtu()));
    map.put("sm_lid", port.smLid());
    map.put("port_lid", port.lid());
    map.put("port_lmc", port.lmc());
    map.put("usable", device.obstacle(port).isEmpty());
    map.put("obstacle", device.obstacle(port));
    List<Map<String, Object>> gids = new ArrayList<>();
    port.gids().forEach(gid -> gids.add(gid(device, port, gid, netdevs)));
    map.put("gids", gids);
    return map;
  }

  private static Map<String, Object> gid(
      VerbsDevice device, RdmaPort port, RdmaPort.Gid gid, Netdevs netdevs) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("index", gid.index());
    map.put("type", gid.type().name());
    map.put("address", gid.address().getHostAddress());
    map.put("gid", DeviceWords.gid(port, gid));
    map.put("netdev", netdevs.name(gid.interfaceIndex()));
    map.put("chosen", gid.equals(device.chosenGid()));
    return map;
  }
}

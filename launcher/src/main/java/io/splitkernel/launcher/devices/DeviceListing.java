package io.splitkernel.launcher.devices;

import io.splitkernel.fabric.verbs.VerbsDevice;
import io.splitkernel.ffi.rdma.RdmaAttributes;
import io.splitkernel.ffi.rdma.RdmaPort;
import java.util.Locale;

/**
 * A device in the layout of rdma-core's {@code ibv_devinfo}: its labels, its tabs and its forms of
 * values, with the GIDs as {@code -v} adds them. Lego's own lines follow at the end of each port.
 */
public final class DeviceListing {
  private static final int TAB = 8;

  /** Tabs before a label, and the column of its value, of the device and of a port. */
  private static final int DEVICE_TABS = 1;

  private static final int DEVICE_COLUMN = 40;
  private static final int PORT_TABS = 3;
  private static final int PORT_COLUMN = 48;

  private final StringBuilder text = new StringBuilder();

  private DeviceListing() {}

  /**
   * Writes one device.
   *
   * @param device as it is now.
   * @param netdevs names of this machine's network interfaces.
   * @return whole lines, the last one empty.
   */
  public static String of(VerbsDevice device, Netdevs netdevs) {
    DeviceListing listing = new DeviceListing();
    listing.device(device);
    for (RdmaPort port : device.ports()) {
      listing.port(port);
      listing.gids(port);
      listing.ours(device, port, netdevs);
      listing.text.append('\n');
    }
    if (device.ports().isEmpty()) {
      listing.ofDevice("lego", "not usable: " + device.obstacle());
      listing.text.append('\n');
    }
    return listing.text.toString();
  }

  private void device(VerbsDevice device) {
    RdmaAttributes attributes = device.attributes();
    text.append("hca_id:\t").append(device.name()).append('\n');
    ofDevice(
        "transport",
        DeviceWords.transport(attributes.transport()) + " (" + attributes.transport() + ")");
    if (!attributes.firmware().isEmpty()) {
      ofDevice("fw_ver", attributes.firmware());
    }
    ofDevice("node_guid", DeviceWords.guid(attributes.nodeGuid()));
    ofDevice("sys_image_guid", DeviceWords.guid(attributes.systemImageGuid()));
    ofDevice("vendor_id", String.format(Locale.ROOT, "0x%04x", attributes.vendorId()));
    ofDevice("vendor_part_id", Integer.toString(attributes.vendorPartId()));
    ofDevice("hw_ver", String.format(Locale.ROOT, "0x%X", attributes.hardwareVersion()));
    if (!device.boardId().isEmpty()) {
      ofDevice("board_id", device.boardId());
    }
    ofDevice("phys_port_cnt", Integer.toString(attributes.portCount()));
  }

  private void port(RdmaPort port) {
    text.append("\t\tport:\t").append(port.number()).append('\n');
    ofPort("state", DeviceWords.state(port.state()) + " (" + port.state() + ")");
    ofPort("max_mtu", DeviceWords.mtu(port.maxMtu()) + " (" + port.maxMtu() + ")");
    ofPort("active_mtu", DeviceWords.mtu(port.activeMtu()) + " (" + port.activeMtu() + ")");
    ofPort("sm_lid", Integer.toString(port.smLid()));
    ofPort("port_lid", Integer.toString(port.lid()));
    ofPort("port_lmc", String.format(Locale.ROOT, "0x%02x", port.lmc()));
    ofPort("link_layer", DeviceWords.linkLayer(port.linkLayer()));
  }

  private void gids(RdmaPort port) {
    for (RdmaPort.Gid gid : port.gids()) {
      ofPort(numbered("GID", gid), DeviceWords.gid(port, gid));
    }
  }

  private void ours(VerbsDevice device, RdmaPort port, Netdevs netdevs) {
    RdmaPort.Gid chosen = device.chosenGid();
    for (RdmaPort.Gid gid : port.gids()) {
      String netdev = netdevs.name(gid.interfaceIndex());
      if (!netdev.isEmpty()) {
        ofPort(numbered("netdev", gid), netdev);
      }
    }
    for (RdmaPort.Gid gid : port.gids()) {
      if (gid.equals(chosen)) {
        ofPort("chosen_gid", gid.index() + " (" + gid.address().getHostAddress() + ")");
      }
    }
    ofPort("lego", DeviceWords.usability(device, port));
  }

  private static String numbered(String label, RdmaPort.Gid gid) {
    return String.format(Locale.ROOT, "%s[%3d]", label, gid.index());
  }

  private void ofDevice(String label, String value) {
    line(DEVICE_TABS, DEVICE_COLUMN, label, value);
  }

  private void ofPort(String label, String value) {
    line(PORT_TABS, PORT_COLUMN, label, value);
  }

  private void line(int tabs, int column, String label, String value) {
    text.repeat("\t", tabs).append(label).append(':');
    int at = tabs * TAB + label.length() + 1;
    text.repeat("\t", (column - at + TAB - 1) / TAB).append(value).append('\n');
  }
}

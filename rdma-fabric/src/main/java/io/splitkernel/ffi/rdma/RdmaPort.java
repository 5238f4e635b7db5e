package io.splitkernel.ffi.rdma;

import io.splitkernel.ffi.RawMemory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * One port of a device as it is now. Any thread; control path.
 *
 * @param number from 1.
 * @param isActive whether packets flow.
 * @param isEthernet RoCE rather than InfiniBand.
 * @param mtuBytes payload of one packet.
 * @param gids its addresses.
 */
public record RdmaPort(
    int number, boolean isActive, boolean isEthernet, int mtuBytes, List<Gid> gids) {
  private static final int SCRATCH_BYTES = 4096;
  private static final int GID_BYTES = 16;

  /** The kernel takes a table of less than 64 KiB. */
  private static final int GID_TABLE_MAX = 1024;

  private static final int MTU_256_CODE = 1;
  private static final int MTU_CODE_MAX = 5;

  /** How packets with a GID look on the wire. */
  public enum GidType {
    /** InfiniBand. */
    IB,
    /** RoCE v1, Ethernet only. */
    ROCE_V1,
    /** RoCE v2, over UDP. */
    ROCE_V2
  }

  /**
   * An entry of the GID table.
   *
   * @param index in the table, as perftest's {@code -x} takes it.
   * @param type of the packets.
   * @param interfaceIndex of the network interface, 0 where there is none.
   * @param address as IPv4 where it maps one, else as IPv6.
   */
  public record Gid(int index, GidType type, int interfaceIndex, InetAddress address) {}

  /**
   * All ports of an open device.
   *
   * @param context of the device.
   * @return the ports that could be asked.
   */
  public static List<RdmaPort> of(long context) {
    long scratch = RawMemory.map(SCRATCH_BYTES);
    List<RdmaPort> ports = new ArrayList<>();
    int count = 0;
    if (Verbs.queryDevice(context, scratch) == 0) {
      count = RawMemory.getByte(scratch + at("ibv_device_attr.phys_port_cnt")) & 0xff;
    }
    List<Numbered> gids = gids(context);
    for (int number = 1; number <= count; number++) {
      RawMemory.zero(scratch, SCRATCH_BYTES);
      if (Verbs.queryPort(context, number, scratch) == 0) {
        ports.add(port(number, scratch, gids));
      }
    }
    RawMemory.unmap(scratch, SCRATCH_BYTES);
    return ports;
  }

  private static RdmaPort port(int number, long attributes, List<Numbered> all) {
    int mtu = RawMemory.getInt(attributes + at("ibv_port_attr.active_mtu"));
    int layer = RawMemory.getByte(attributes + at("ibv_port_attr.link_layer"));
    return new RdmaPort(
        number,
        RawMemory.getInt(attributes + at("ibv_port_attr.state")) == at("IBV_PORT_ACTIVE"),
        layer == at("IBV_LINK_LAYER_ETHERNET"),
        mtu < MTU_256_CODE || mtu > MTU_CODE_MAX ? 0 : 128 << mtu,
        all.stream().filter(each -> each.port == number).map(Numbered::gid).toList());
  }

  private record Numbered(int port, Gid gid) {}

  private static List<Numbered> gids(long context) {
    int entryBytes = at("sizeof(ibv_gid_entry)");
    long bytes = (long) GID_TABLE_MAX * entryBytes;
    long table = RawMemory.map(bytes);
    long count = Verbs.queryGidTable(context, table, GID_TABLE_MAX, entryBytes);
    List<Numbered> gids = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      long entry = table + i * entryBytes;
      int type = RawMemory.getInt(entry + at("ibv_gid_entry.gid_type"));
      gids.add(
          new Numbered(
              RawMemory.getInt(entry + at("ibv_gid_entry.port_num")),
              new Gid(
                  RawMemory.getInt(entry + at("ibv_gid_entry.gid_index")),
                  type(type),
                  RawMemory.getInt(entry + at("ibv_gid_entry.ndev_ifindex")),
                  address(entry + at("ibv_gid_entry.gid")))));
    }
    RawMemory.unmap(table, bytes);
    return gids;
  }

  private static GidType type(int code) {
    if (code == at("IBV_GID_TYPE_ROCE_V2")) {
      return GidType.ROCE_V2;
    }
    return code == at("IBV_GID_TYPE_ROCE_V1") ? GidType.ROCE_V1 : GidType.IB;
  }

  private static InetAddress address(long gid) {
    byte[] bytes = new byte[GID_BYTES];
    for (int i = 0; i < GID_BYTES; i++) {
      bytes[i] = RawMemory.getByte(gid + i);
    }
    try {
      return InetAddress.getByAddress(bytes); // one that maps IPv4 becomes IPv4
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static int at(String name) {
    return VerbsLayout.of(name);
  }
}

package io.splitkernel.ffi.rdma;

import io.splitkernel.ffi.RawMemory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * One port of a device as it is now (ibv_query_port). Any thread; control path.
 *
 * @param number from 1.
 * @param state an {@code enum ibv_port_state}.
 * @param maxMtu an {@code enum ibv_mtu}: the largest payload of one packet.
 * @param activeMtu an {@code enum ibv_mtu}: the payload of one packet now.
 * @param smLid the subnet manager's address, InfiniBand only.
 * @param lid its address in the subnet, InfiniBand only.
 * @param lmc how many low bits of the address are free, InfiniBand only.
 * @param linkLayer an {@code IBV_LINK_LAYER_*}.
 * @param gids its addresses.
 */
public record RdmaPort(
    int number,
    int state,
    int maxMtu,
    int activeMtu,
    int smLid,
    int lid,
    int lmc,
    int linkLayer,
    List<Gid> gids) {
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

  /** Whether packets flow. */
  public boolean isActive() {
    return state == at("IBV_PORT_ACTIVE");
  }

  /** RoCE rather than InfiniBand. */
  public boolean isEthernet() {
    return linkLayer == at("IBV_LINK_LAYER_ETHERNET");
  }

  /** Payload of one packet now; 0 when the device names none that is known. */
  public int mtuBytes() {
    return mtuBytes(activeMtu);
  }

  /**
   * Bytes of an {@code enum ibv_mtu}.
   *
   * @param code from 1 to 5.
   * @return 256 to 4096, or 0 for other codes.
   */
  public static int mtuBytes(int code) {
    return code < MTU_256_CODE || code > MTU_CODE_MAX ? 0 : 128 << code;
  }

  /**
   * All ports of an open device.
   *
   * @param context of the device.
   * @param count how many it has.
   * @return the ports that could be asked.
   */
  public static List<RdmaPort> of(long context, int count) {
    long scratch = RawMemory.map(SCRATCH_BYTES);
    List<RdmaPort> ports = new ArrayList<>();
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
    return new RdmaPort(
        number,
        RawMemory.getInt(attributes + at("ibv_port_attr.state")),
        RawMemory.getInt(attributes + at("ibv_port_attr.max_mtu")),
        RawMemory.getInt(attributes + at("ibv_port_attr.active_mtu")),
        twoBytes(attributes + at("ibv_port_attr.sm_lid")),
        twoBytes(attributes + at("ibv_port_attr.lid")),
        RawMemory.getByte(attributes + at("ibv_port_attr.lmc")) & 0xff,
        RawMemory.getByte(attributes + at("ibv_port_attr.link_layer")) & 0xff,
        all.stream().filter(each -> each.port == number).map(Numbered::gid).toList());
  }

  private static int twoBytes(long address) {
    return (RawMemory.getByte(address) & 0xff) | ((RawMemory.getByte(address + 1) & 0xff) << 8);
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

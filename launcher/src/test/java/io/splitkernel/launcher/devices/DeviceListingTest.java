package io.splitkernel.launcher.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.splitkernel.fabric.verbs.VerbsDevice;
import io.splitkernel.ffi.rdma.RdmaAttributes;
import io.splitkernel.ffi.rdma.RdmaPort;
import io.splitkernel.ffi.rdma.RdmaPort.Gid;
import io.splitkernel.ffi.rdma.RdmaPort.GidType;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class DeviceListingTest {
  private static final int ACTIVE = 4;
  private static final int DOWN = 1;
  private static final int ETHERNET = 2;
  private static final int INFINIBAND = 1;
  private static final Netdevs NETDEVS = index -> index == 0 ? "" : "eth" + index;

  private static Gid gid(int index, GidType type, int netdev, String address) {
    return new Gid(index, type, netdev, InetAddress.ofLiteral(address));
  }

  private static RdmaPort port(int number, int state, int linkLayer, Gid... gids) {
    return new RdmaPort(number, state, 5, 3, 17, 300, 2, linkLayer, List.of(gids));
  }

  private static VerbsDevice device(String board, List<RdmaPort> ports, String... addresses) {
    RdmaAttributes attributes =
        new RdmaAttributes(
            0,
            board.isEmpty() ? "" : "28.39.1002",
            0x5054_00ff_fe12_3456L,
            0xa088_c203_005f_c296L,
            0x2c9,
            4129,
            0x1f,
            ports.size());
    List<InetAddress> own = List.of(addresses).stream().map(InetAddress::ofLiteral).toList();
    return new VerbsDevice("rxe0", 0, board, attributes, ports, own);
  }

  private static VerbsDevice softDevice() {
    return device(
        "",
        List.of(
            port(
                1,
                ACTIVE,
                ETHERNET,
                gid(0, GidType.ROCE_V2, 2, "fe80::5054:ff:fe12:3456"),
                gid(1, GidType.ROCE_V2, 2, "10.99.0.1"))),
        "10.99.0.1");
  }

  @Test
  void shouldLookLikeIbvDevinfoWhenADeviceIsUsable() {
    assertEquals(
        """
        hca_id:	rxe0
        	transport:			InfiniBand (0)
        	node_guid:			5054:00ff:fe12:3456
        	sys_image_guid:			a088:c203:005f:c296
        	vendor_id:			0x02c9
        	vendor_part_id:			4129
        	hw_ver:				0x1F
        	phys_port_cnt:			1
        		port:	1
        			state:			PORT_ACTIVE (4)
        			max_mtu:		4096 (5)
        			active_mtu:		1024 (3)
        			sm_lid:			17
        			port_lid:		300
        			port_lmc:		0x02
        			link_layer:		Ethernet
        			GID[  0]:		fe80::5054:ff:fe12:3456, RoCE v2
        			GID[  1]:		::ffff:10.99.0.1, RoCE v2
        			netdev[  0]:		eth2
        			netdev[  1]:		eth2
        			chosen_gid:		1 (10.99.0.1)
        			lego:			usable

        """,
        DeviceListing.of(softDevice(), NETDEVS));
  }

  @Test
  void shouldSayForEachPortWhyItCannotBeUsedWhenNoneHasAnAddress() {
    VerbsDevice device =
        device(
            "MT_0000000838",
            List.of(
                port(1, DOWN, ETHERNET),
                port(2, ACTIVE, INFINIBAND, gid(0, GidType.IB, 0, "fe80::1"))));
    String text = DeviceListing.of(device, NETDEVS);
    assertTrue(text.contains("\tfw_ver:\t\t\t\t28.39.1002\n"), text);
    assertTrue(text.contains("\thw_ver:\t\t\t\t0x1F\n\tboard_id:\t\t\tMT_0000000838\n"), text);
    assertTrue(text.contains("\t\tport:\t1\n\t\t\tstate:\t\t\tPORT_DOWN (1)\n"), text);
    assertTrue(
        text.contains("\t\t\tlego:\t\t\tnot usable: port 1 of rxe0 is not active; bring"), text);
    String gid = "\t\t\tGID[  0]:\t\tfe80:0000:0000:0000:0000:0000:0000:0001\n";
    assertTrue(text.contains("\t\t\tlink_layer:\t\tInfiniBand\n" + gid), text);
    String verdict = "\t\t\tlego:\t\t\tnot usable: rxe0 has no IP address; give";
    assertTrue(text.contains(gid + verdict), text);
  }

  @Test
  void shouldCallOnlyThePortUsableThatCarriesAnAddress() {
    VerbsDevice device =
        device(
            "",
            List.of(
                port(1, ACTIVE, ETHERNET, gid(0, GidType.ROCE_V2, 2, "fe80::1")),
                port(2, ACTIVE, ETHERNET, gid(0, GidType.ROCE_V2, 3, "10.0.0.1"))),
            "10.0.0.1");
    List<String> verdicts =
        DeviceListing.of(device, NETDEVS)
            .lines()
            .filter(line -> line.startsWith("\t\t\tlego:"))
            .map(line -> line.replaceFirst("\t*lego:\t*", ""))
            .toList();
    assertEquals(2, verdicts.size());
    assertTrue(verdicts.getFirst().startsWith("not usable: port 1 of rxe0 has no IP address"));
    assertEquals("usable", verdicts.getLast());
  }

  @Test
  void shouldSayWhyWhenADeviceHasNoPort() {
    String text = DeviceListing.of(device("", List.of()), NETDEVS);
    assertTrue(text.contains("\tlego:\t\t\t\tnot usable: rxe0 has no active port"), text);
  }

  @ParameterizedTest
  @CsvSource({
    "ROCE_V1, fe80::5054:ff:fe12:3456, 'fe80:0000:0000:0000:5054:00ff:fe12:3456, RoCE v1'",
    "ROCE_V1, 10.0.0.1, '0000:0000:0000:0000:0000:ffff:0a00:0001, RoCE v1'",
    "ROCE_V2, 255.0.12.1, '::ffff:255.0.12.1, RoCE v2'",
    "ROCE_V2, ::1, '::1, RoCE v2'",
    "ROCE_V2, 2001:db8:0:0:1:0:0:1, '2001:db8::1:0:0:1, RoCE v2'",
    "ROCE_V2, 2001:db8:0:1:0:1:0:1, '2001:db8:0:1:0:1:0:1, RoCE v2'",
    "ROCE_V2, 2001:db8:1:1:1:1::, '2001:db8:1:1:1:1::, RoCE v2'"
  })
  void shouldWriteGidsAsIbvDevinfoDoes(GidType type, String address, String text) {
    RdmaPort port = port(1, ACTIVE, ETHERNET, gid(0, type, 0, address));
    assertEquals(text, DeviceWords.gid(port, port.gids().getFirst()));
  }

  @Test
  void shouldHaveTheSameFactsByNameWhenAskedForJson() throws Exception {
    Map<String, Object> map = DeviceDocument.of(softDevice(), NETDEVS);
    assertEquals(
        "name, usable, obstacle, transport, fw_ver, node_guid, sys_image_guid, vendor_id,"
            + " vendor_part_id, hw_ver, board_id, phys_port_cnt, ports",
        String.join(", ", map.keySet()));
    assertEquals(true, map.get("usable"));
    String ports = new ObjectMapper().writeValueAsString(map.get("ports"));
    assertEquals(
        """
        [{"number":1,"active":true,"link_layer":"Ethernet","mtu_bytes":1024,\
        "state":"PORT_ACTIVE","max_mtu_bytes":4096,"sm_lid":17,"port_lid":300,"port_lmc":2,\
        "usable":true,"obstacle":"","gids":[\
        {"index":0,"type":"ROCE_V2","address":"fe80:0:0:0:5054:ff:fe12:3456",\
        "gid":"fe80::5054:ff:fe12:3456, RoCE v2","netdev":"eth2","chosen":false},\
        {"index":1,"type":"ROCE_V2","address":"10.99.0.1",\
        "gid":"::ffff:10.99.0.1, RoCE v2","netdev":"eth2","chosen":true}]}]\
        """,
        ports);
  }
}

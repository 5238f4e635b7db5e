package io.splitkernel.ffi.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The bindings on a real or soft device: {@code ci/softroce/run} brings one along and sets {@code
 * SOFTROCE_ADDRESS}; on other machines set it to an address of an RDMA device.
 */
@Timeout(120)
class RdmaDevicesTest {
  private static final int REMOTE_READ = 1 << 2;
  private static final int LOCAL_WRITE = 1;
  private static final int PAGE = 4096;

  private String address;

  @BeforeEach
  void needDevice() {
    assumeTrue(
        RdmaLibraries.missing().isEmpty(), () -> RdmaLibraries.missing().orElse("installed"));
    address = System.getenv("SOFTROCE_ADDRESS");
    assumeTrue(address != null, "SOFTROCE_ADDRESS names no RDMA device's address");
  }

  @Test
  void shouldTellWhatTheDeviceCanDo() {
    List<Verbs.Device> devices = Verbs.devices();
    assertFalse(devices.isEmpty());
    long context = Verbs.openDevice(devices.getFirst().address());
    assertTrue(context > 0, Errno.text(context));
    long attributes = RawMemory.map(PAGE);
    assertEquals(0, Verbs.queryDevice(context, attributes));
    assertTrue(RawMemory.getInt(attributes + VerbsLayout.of("ibv_device_attr.max_qp_wr")) >= 64);
    assertEquals(
        1, RawMemory.getByte(attributes + VerbsLayout.of("ibv_device_attr.phys_port_cnt")));
    assertEquals(0, Verbs.closeDevice(context));
  }

  @Test
  void shouldReadRemoteMemoryOverAConnectionByAddress() throws Exception {
    try (CmEnd server = new CmEnd();
        CmEnd client = new CmEnd()) {
      InetAddress at = InetAddress.getByName(address);
      int port = server.listen(at);
      client.resolve(at, port);
      client.open(client.id());
      client.connect();
      long accepted = server.awaitRequest();
      server.open(accepted);
      server.accept(accepted);
      client.expect("RDMA_CM_EVENT_ESTABLISHED");
      server.expect("RDMA_CM_EVENT_ESTABLISHED");
      long remoteIova = 0x7000_0000_0000L;
      RawMemory.putLong(server.memory + 8, 4711);
      long remote = server.register(remoteIova, REMOTE_READ);
      long local = client.register(client.memory, LOCAL_WRITE);
      client.read(
          RawMemory.getInt(local + VerbsLayout.of("ibv_mr.lkey")),
          remoteIova,
          RawMemory.getInt(remote + VerbsLayout.of("ibv_mr.rkey")),
          PAGE);
      assertEquals(0, client.awaitStatus());
      assertEquals(4711, RawMemory.getLong(client.memory + 8));
      assertEquals(0, Verbs.deregMr(remote));
      client.read(RawMemory.getInt(local + VerbsLayout.of("ibv_mr.lkey")), remoteIova, 1, PAGE);
      assertEquals(10, client.awaitStatus(), "remote access error");
      assertEquals(0, Verbs.deregMr(local));
    }
  }
}

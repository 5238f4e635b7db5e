package io.splitkernel.fabric.verbs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricPair;
import io.splitkernel.fabric.WorkRequest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A GID of the user's choice; on an RDMA device: see {@code ci/verbs-test}. */
class VerbsGidTest {
  @BeforeAll
  static void assumeDevice() {
    VerbsFabricContractTest.assumeDevice();
  }

  @Test
  void shouldConnectFromTheAddressOfTheGid() throws Exception {
    VerbsDevice device = VerbsDevice.usable("");
    int index = device.gidOf(device.addresses().getFirst()).index();
    VerbsFabric client = VerbsFabric.open(device.name(), index);
    VerbsFabric server = VerbsFabric.open("", index);
    try (FabricPair pair = new FabricPair(client, server, 4096, FabricPair.Options.defaults())) {
      WorkRequest write =
          new WorkRequest()
              .write(1, pair.server.region.iova(), pair.server.region.rkey())
              .local(pair.client.region.lkey(), pair.client.region.iova(), 64);
      assertEquals(Connection.POSTED, pair.client.connection.post(write));
      assertEquals(CompletionStatus.SUCCESS, pair.client.awaitOne().status());
    }
  }

  @Test
  void shouldRefuseAGidWithoutAnAddress() {
    FabricException refusal = assertThrows(FabricException.class, () -> VerbsFabric.open("", 4711));
    assertTrue(refusal.getMessage().contains("lego devices"), refusal.getMessage());
  }
}

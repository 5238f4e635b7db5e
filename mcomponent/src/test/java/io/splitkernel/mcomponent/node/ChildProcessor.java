package io.splitkernel.mcomponent.node;

import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.memory.ExtentResult;
import io.splitkernel.protocol.memory.MemoryClient;

/** Writes into every extent of a memory component, says so, and waits to be killed. */
final class ChildProcessor {
  private ChildProcessor() {}

  public static void main(String[] arguments) throws Exception {
    FabricAddress address = FabricAddress.parse(arguments[0]);
    int extents = Integer.parseInt(arguments[1]);
    long extentBytes = Long.parseLong(arguments[2]);
    NodeIdentity identity = new NodeIdentity(9, NodeRole.PROCESSOR, "child");
    ShmFabric fabric = ShmFabric.open(ShmConfig.defaults());
    MemoryClient client =
        MemoryClient.connect(
            fabric, address, Secret.of(arguments[3]), identity, OneSided.TIMEOUT_NS);
    long space = NodeIdentity.spaceId(9, 1);
    client.openSpace(space);
    OneSided data = new OneSided(fabric, client, space);
    for (int i = 0; i < extents; i++) {
      long at = i * extentBytes;
      if (!(client.allocateExtent(space, at) instanceof ExtentResult.Granted granted)
          || data.write(at, granted.rkey(), 0xDEAD) != CompletionStatus.SUCCESS) {
        throw new IllegalStateException("extent " + i);
      }
    }
    System.out.println("ready");
    Thread.sleep(60_000);
  }
}

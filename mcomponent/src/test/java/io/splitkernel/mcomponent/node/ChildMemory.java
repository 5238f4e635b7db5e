package io.splitkernel.mcomponent.node;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.protocol.Secret;

/** A memory component that says where it listens and waits to be killed. */
final class ChildMemory {
  private ChildMemory() {}

  public static void main(String[] arguments) throws Exception {
    ShmFabric fabric = ShmFabric.open(ShmConfig.defaults());
    MemoryComponent component =
        MemoryComponent.start(
            fabric,
            MemoryComponentConfig.of(
                "child",
                64L << 20,
                new FabricAddress("localhost", 0),
                null,
                Secret.of(arguments[0])));
    System.out.println(component.address());
    Thread.sleep(60_000);
  }
}

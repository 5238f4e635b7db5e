package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricContractTest;

class ShmFabricContractTest extends FabricContractTest {
  @Override
  protected Fabric[] openFabrics() throws Exception {
    return new Fabric[] {
      ShmFabric.open(ShmConfig.defaults()), ShmFabric.open(ShmConfig.defaults())
    };
  }

  @Override
  protected long heldResources() throws Exception {
    return ProcessResources.descriptors() + ProcessResources.sharedMappings();
  }
}

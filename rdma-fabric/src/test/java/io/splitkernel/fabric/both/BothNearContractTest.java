package io.splitkernel.fabric.both;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricContractTest;
import io.splitkernel.fabric.shm.ProcessResources;

/** The contract when the peer is on this machine, without a device. */
class BothNearContractTest extends FabricContractTest {
  @Override
  protected Fabric[] openFabrics() throws Exception {
    return new Fabric[] {BothPairs.open(true), BothPairs.open(true)};
  }

  @Override
  protected long heldResources() throws Exception {
    return ProcessResources.descriptors() + ProcessResources.sharedMappings();
  }
}

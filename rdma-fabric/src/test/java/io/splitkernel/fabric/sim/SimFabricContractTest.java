package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricContractTest;

class SimFabricContractTest extends FabricContractTest {
  @Override
  protected Fabric[] openFabrics() {
    SimNetwork network = SimNetwork.immediate();
    return new Fabric[] {network.open("client"), network.open("server")};
  }
}

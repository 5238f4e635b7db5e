package io.splitkernel.fabric.both;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.verbs.VerbsFabric;
import io.splitkernel.fabric.verbs.VerbsFabricContractTest;

/** The contract over the device of shared memory and an RDMA device: see {@code ci/verbs-test}. */
class BothVerbsFarContractTest extends VerbsFabricContractTest {
  @Override
  protected Fabric[] openFabrics() throws Exception {
    assumeDevice();
    return new Fabric[] {
      BothPairs.over(VerbsFabric.open(""), false), BothPairs.over(VerbsFabric.open(""), false)
    };
  }

  @Override
  protected int comingAndGoing() {
    return 100;
  }

  @Override
  protected int additions() {
    return 1_000;
  }

  @Override
  protected int deregistrations() {
    return 10;
  }
}

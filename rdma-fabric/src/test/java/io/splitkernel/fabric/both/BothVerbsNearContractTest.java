package io.splitkernel.fabric.both;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.verbs.VerbsFabric;
import io.splitkernel.fabric.verbs.VerbsFabricContractTest;

/**
 * The contract over shared memory beside shared memory and an RDMA device: see {@code
 * ci/verbs-test}.
 */
class BothVerbsNearContractTest extends VerbsFabricContractTest {
  @Override
  protected Fabric[] openFabrics() throws Exception {
    assumeDevice();
    return new Fabric[] {
      BothPairs.over(VerbsFabric.open(""), true), BothPairs.over(VerbsFabric.open(""), true)
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

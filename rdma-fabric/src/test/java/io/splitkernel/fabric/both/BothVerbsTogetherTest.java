package io.splitkernel.fabric.both;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.verbs.VerbsFabric;
import io.splitkernel.fabric.verbs.VerbsFabricContractTest;

/** The same with an RDMA device: see {@code ci/verbs-test}. */
class BothVerbsTogetherTest extends BothTogetherTest {
  @Override
  protected Fabric[] openFabrics() throws Exception {
    VerbsFabricContractTest.assumeDevice();
    return new Fabric[] {
      BothPairs.over(VerbsFabric.open(""), true),
      BothPairs.over(VerbsFabric.open(""), true),
      VerbsFabric.open("")
    };
  }
}

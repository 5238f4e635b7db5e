package io.splitkernel.fabric.verbs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.OperatingSystemMXBean;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricContractTest;
import io.splitkernel.ffi.rdma.RdmaLibraries;
import java.lang.management.ManagementFactory;

/** On an RDMA device: see {@code ci/verbs-test}. */
class VerbsFabricContractTest extends FabricContractTest {
  @Override
  protected Fabric[] openFabrics() throws Exception {
    assumeTrue(
        RdmaLibraries.missing().isEmpty(), () -> RdmaLibraries.missing().orElse("installed"));
    assumeTrue(
        System.getenv("SOFTROCE_ADDRESS") != null,
        "SOFTROCE_ADDRESS names no RDMA device's address");
    return new Fabric[] {VerbsFabric.open(""), VerbsFabric.open("")};
  }

  /**
   * Registering pins: emulated machines have too little memory for what other fabrics are given.
   */
  @Override
  protected long largeBytes() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long whole = super.largeBytes();
    return system.getFreeMemorySize() > 2 * whole ? whole : 256L << 20;
  }
}

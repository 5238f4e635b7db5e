package io.splitkernel.fabric.verbs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.OperatingSystemMXBean;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricContractTest;
import io.splitkernel.ffi.rdma.RdmaLibraries;
import java.io.File;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** On an RDMA device: see {@code ci/verbs-test}. */
public class VerbsFabricContractTest extends FabricContractTest {
  @Override
  protected Fabric[] openFabrics() throws Exception {
    assumeDevice();
    return new Fabric[] {VerbsFabric.open(""), VerbsFabric.open("")};
  }

  /** Skips the test, with the reason, where there is no device. */
  public static void assumeDevice() {
    assumeTrue(
        RdmaLibraries.missing().isEmpty(), () -> RdmaLibraries.missing().orElse("installed"));
    assumeTrue(
        System.getenv("SOFTROCE_ADDRESS") != null,
        "SOFTROCE_ADDRESS names no RDMA device's address");
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

  /** {@code -Dlego.connections=1000} where there is time: emulated machines take 80 ms for each. */
  @Override
  protected int comingAndGoing() {
    return Integer.getInteger("lego.connections", 300);
  }

  @Override
  protected int additions() {
    return 4_000;
  }

  /** A round needs a new connection, which takes tens of milliseconds on emulated machines. */
  @Override
  protected int deregistrations() {
    return 50;
  }

  /** Descriptors of this process and what the kernel counts as RDMA objects of the machine. */
  @Override
  protected long heldResources() throws Exception {
    Process rdma =
        new ProcessBuilder("rdma", "resource", "show")
            .redirectInput(new File("/dev/null"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String counts;
    try (InputStream out = rdma.getInputStream()) {
      counts = new String(out.readAllBytes(), StandardCharsets.US_ASCII);
    }
    assertEquals(0, rdma.waitFor());
    Matcher count = Pattern.compile("(?:pd|cq|qp|cm_id|mr|ctx) (\\d+)").matcher(counts);
    assertTrue(count.find(), counts);
    long sum = Long.parseLong(count.group(1));
    while (count.find()) {
      sum += Long.parseLong(count.group(1));
    }
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return sum + descriptors.count();
    }
  }
}

package io.splitkernel.launcher.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.providers.FabricProviders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class BenchTest {
  private static final int SIZE = 8;
  private static final int ITERATIONS = 500;

  private Fabric near;
  private Fabric far;
  private BenchServer server;

  @BeforeEach
  void serve() throws Exception {
    near = FabricProviders.open("shm");
    far = FabricProviders.open("shm");
    server = new BenchServer(far, new FabricAddress("localhost", 0), SIZE);
    Thread.ofPlatform().daemon(true).start(server);
  }

  @AfterEach
  void close() {
    server.close();
    near.close();
    far.close();
  }

  @ParameterizedTest
  @EnumSource
  void shouldMeasureEveryIteration(BenchOperation operation) throws Exception {
    BenchPlan plan = new BenchPlan(operation, SIZE, ITERATIONS, 100, 16, operation.ordinal() == 0);
    try (BenchClient client = new BenchClient(near, server.address(), SIZE, plan.outstanding())) {
      BenchResult result = client.run(plan);
      String line = BenchTable.line(result);
      assertTrue(line.startsWith(" 8 "), line);
      assertEquals(
          BenchTable.head(operation).trim().split("\\s{2,}| #").length,
          line.trim().split("\\s+").length,
          line);
      if (operation.isBandwidth()) {
        assertTrue(result.averageMebibytesPerSecond() > 0);
        assertTrue(result.peakMebibytesPerSecond() >= result.averageMebibytesPerSecond());
      } else {
        assertEquals(ITERATIONS, result.latencyNs().getTotalCount());
        assertTrue(result.micros(50) > 0);
      }
      assertEquals("shm", client.provider());
      assertEquals("", client.device());
    }
  }

  @Test
  void shouldSayThatTheServerLendsTooLittle() {
    FabricException refused =
        assertThrows(
            FabricException.class, () -> new BenchClient(near, server.address(), 1 << 20, 1));
    assertTrue(refused.getMessage().contains("lends"), refused.getMessage());
    assertTrue(refused.getMessage().endsWith("start it with -s 1048576"), refused.getMessage());
  }
}

package io.splitkernel.fabric.providers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FabricProvidersTest {
  @ParameterizedTest
  @ValueSource(strings = {"auto", "shm"})
  void shouldOpenTheBestThatIsThere(String name) throws Exception {
    try (Fabric fabric = FabricProviders.open(name)) {
      boolean device = name.equals("auto") && FabricProviders.all().getFirst().isAvailable();
      assertEquals(device ? "verbs+shm" : "shm", fabric.name());
    }
  }

  @Test
  void shouldSayWhatAutoTakesAndWhy() {
    String choice = FabricProviders.choice("auto", "");
    boolean device = FabricProviders.all().getFirst().isAvailable();
    assertTrue(
        choice.matches(
            device ? "auto: verbs on \\S+ \\(\\S+\\), shm for this machine" : "auto: shm \\(.+\\)"),
        choice);
    assertEquals("shm", FabricProviders.choice("shm", ""));
  }

  @Test
  void shouldSayWhyVerbsIsNotThere() {
    FabricException refused =
        assertThrows(FabricException.class, () -> FabricProviders.open("verbs", "no-such", 0));
    assertTrue(refused.getMessage().startsWith("fabric 'verbs': "), refused.getMessage());
    // no library, no device, or none of that name: each with what to do
    assertTrue(
        refused.getMessage().matches(".*(apt-get install|rdma link add|no device no-such).*"),
        refused.getMessage());
  }

  @Test
  void shouldNameTheChoicesWhenThereIsNoSuchProvider() {
    FabricException refused =
        assertThrows(FabricException.class, () -> FabricProviders.open("tcp"));
    assertTrue(refused.getMessage().contains("auto, shm or verbs"), refused.getMessage());
  }
}

package io.splitkernel.launcher.cluster;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.providers.FabricProviders;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import java.util.Set;

/** Opens the fabric that the settings ask for. */
public final class Fabrics {
  private static final Set<String> NAMES = Set.of("auto", "verbs", "shm");

  private Fabrics() {}

  /**
   * Opens it.
   *
   * @param settings with the provider's name.
   * @return the fabric, the caller's to close.
   * @throws LegoFailure when there is no such provider or it cannot be opened.
   */
  public static Fabric open(Settings settings) throws LegoFailure {
    String name = settings.get(Setting.FABRIC).value();
    if (!NAMES.contains(name)) {
      throw settings.wrong(Setting.FABRIC, "it must be auto, verbs or shm", null);
    }
    try {
      return FabricProviders.open(name);
    } catch (FabricException e) {
      throw new LegoFailure(LegoFailure.FAILURE, e.getMessage(), e);
    }
  }
}

package io.splitkernel.launcher.cluster;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;

/** Opens the fabric that the settings ask for. */
public final class Fabrics {
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
    switch (name) {
      case "auto", "shm" -> {
        try {
          return ShmFabric.open(ShmConfig.defaults());
        } catch (FabricException e) {
          throw new LegoFailure(LegoFailure.FAILURE, e.getMessage(), e);
        }
      }
      case "verbs" ->
          throw settings.wrong(
              Setting.FABRIC, "this version moves bytes by shared memory only; use shm", null);
      default -> throw settings.wrong(Setting.FABRIC, "it must be auto, verbs or shm", null);
    }
  }
}

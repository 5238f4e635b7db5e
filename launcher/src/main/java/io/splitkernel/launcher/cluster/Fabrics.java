package io.splitkernel.launcher.cluster;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.providers.FabricProviders;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
      return FabricProviders.open(name, settings.get(Setting.DEVICE).value(), gidIndex(settings));
    } catch (FabricException e) {
      throw new LegoFailure(LegoFailure.FAILURE, e.getMessage(), e);
    }
  }

  /**
   * As {@link #open}, and logs which one it is and why; for what lives longer than a question.
   *
   * @param settings with the provider's name.
   * @return the fabric, the caller's to close.
   * @throws LegoFailure when there is no such provider or it cannot be opened.
   */
  public static Fabric openAndLog(Settings settings) throws LegoFailure {
    Fabric fabric = open(settings);
    Logger log = LoggerFactory.getLogger(Fabrics.class);
    if (log.isInfoEnabled()) {
      String name = settings.get(Setting.FABRIC).value();
      log.info("fabric {}", FabricProviders.choice(name, settings.get(Setting.DEVICE).value()));
    }
    return fabric;
  }

  private static int gidIndex(Settings settings) throws LegoFailure {
    String text = settings.get(Setting.GID_INDEX).value();
    try {
      int index = text.isEmpty() ? FabricProviders.ANY_GID : Integer.parseInt(text);
      if (text.isEmpty() || index >= 0) {
        return index;
      }
    } catch (NumberFormatException e) {
      throw settings.wrong(Setting.GID_INDEX, "it must be an index, see lego devices", e);
    }
    throw settings.wrong(Setting.GID_INDEX, "it must not be negative", null);
  }

  /**
   * Command-line arguments by which another component opens the same fabric.
   *
   * @param settings with the choice.
   * @return flags and values.
   */
  public static List<String> arguments(Settings settings) {
    List<String> arguments = new ArrayList<>();
    for (Setting each : List.of(Setting.FABRIC, Setting.DEVICE, Setting.GID_INDEX)) {
      String value = settings.get(each).value();
      if (!value.isEmpty()) {
        arguments.addAll(List.of("--" + each.key(), value));
      }
    }
    return arguments;
  }
}

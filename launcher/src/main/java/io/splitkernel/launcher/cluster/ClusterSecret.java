package io.splitkernel.launcher.cluster;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.protocol.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/** Finds the secret of a running cluster, or makes one for a new cluster. */
public final class ClusterSecret {
  private static final int SECRET_BYTES = 32;

  private ClusterSecret() {}

  /**
   * Finds it: in the file that the settings name, in the environment, or where {@code up} left it.
   *
   * @param settings that may name a file.
   * @return the secret.
   * @throws LegoFailure when there is none, or it cannot be read.
   */
  public static Secret find(Settings settings) throws LegoFailure {
    Optional<Path> named = settings.text(Setting.SECRET_FILE).map(Path::of);
    try {
      Secret secret = Secret.load(named.orElse(null), System.getenv(Secret.ENVIRONMENT));
      if (secret == null) {
        secret = Secret.load(StateDirectory.of(settings).secretFile().orElse(null), null);
      }
      if (secret != null) {
        return secret;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new LegoFailure(
          LegoFailure.FAILURE, "cannot read the cluster's secret: " + e.getMessage(), e);
    }
    throw new LegoFailure(
        LegoFailure.FAILURE,
        "no secret for the cluster: set LEGO_SECRET or --secret-file (on one machine, 'lego up'"
            + " leaves it in "
            + StateDirectory.of(settings)
            + ")");
  }

  /**
   * Makes one of 256 bits.
   *
   * @return as text.
   */
  public static String fresh() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}

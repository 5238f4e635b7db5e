package io.splitkernel.fabric.providers;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import java.util.List;

/** The providers of this build, by name. Any thread. */
public final class FabricProviders {
  /** Lets {@link #open} choose. */
  public static final String AUTO = "auto";

  private static final String SHM = "shm";
  private static final String VERBS = "verbs";
  private static final String NO_VERBS = "not built in this version; use shm";

  private FabricProviders() {}

  /**
   * Whether a provider can be used here.
   *
   * @param name as users write it.
   * @param reason one line with the cure when it is not available, else empty.
   */
  public record Availability(String name, String reason) {
    /** True when {@link FabricProviders#open} would try it. */
    public boolean isAvailable() {
      return reason.isEmpty();
    }
  }

  /** Every provider that users can name, best first. */
  public static List<Availability> all() {
    return List.of(new Availability(VERBS, NO_VERBS), new Availability(SHM, shmReason()));
  }

  private static String shmReason() {
    boolean linux = System.getProperty("os.name").equals("Linux");
    boolean x86 = System.getProperty("os.arch").equals("amd64");
    return linux && x86 ? "" : "needs Linux on x86-64";
  }

  /**
   * Opens a provider with its default limits.
   *
   * @param name {@code auto}, {@code shm} or {@code verbs}.
   * @return the fabric, the caller's to close.
   * @throws FabricException when there is no such provider, or it is not available, or it failed.
   */
  public static Fabric open(String name) throws FabricException {
    for (Availability provider : all()) {
      boolean chosen = name.equals(AUTO) ? provider.isAvailable() : name.equals(provider.name());
      if (chosen && !provider.isAvailable()) {
        throw new FabricException("fabric '" + name + "': " + provider.reason());
      }
      if (chosen) {
        return ShmFabric.open(ShmConfig.defaults());
      }
    }
    throw new FabricException("fabric '" + name + "' does not exist; use auto, shm or verbs");
  }
}

package io.splitkernel.fabric.providers;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.both.BothFabric;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.fabric.verbs.VerbsDevice;
import io.splitkernel.fabric.verbs.VerbsFabric;
import java.util.List;

/** The providers of this build, by name. Any thread. */
public final class FabricProviders {
  /** Lets {@link #open} choose. */
  public static final String AUTO = "auto";

  private static final String SHM = "shm";
  private static final String VERBS = "verbs";

  /** The GID that carries the device's IP address. */
  public static final int ANY_GID = VerbsFabric.ANY_GID;

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
    return List.of(
        new Availability(VERBS, VerbsDevice.noneUsable("")), new Availability(SHM, shmReason()));
  }

  private static String shmReason() {
    boolean linux = System.getProperty("os.name").equals("Linux");
    boolean x86 = System.getProperty("os.arch").equals("amd64");
    return linux && x86 ? "" : "needs Linux on x86-64";
  }

  /**
   * Opens a provider with its default limits, on any device.
   *
   * @param name {@code auto}, {@code shm} or {@code verbs}.
   * @return the fabric, the caller's to close.
   * @throws FabricException when there is no such provider, or it is not available, or it failed.
   */
  public static Fabric open(String name) throws FabricException {
    return open(name, "", ANY_GID);
  }

  /**
   * Opens a provider with its default limits.
   *
   * @param name {@code auto}, {@code shm} or {@code verbs}.
   * @param device RDMA device for verbs; empty takes the first that can be used.
   * @param gidIndex GID of the device for verbs, or {@link #ANY_GID}.
   * @return the fabric, the caller's to close.
   * @throws FabricException when there is no such provider, or it is not available, or it failed.
   */
  public static Fabric open(String name, String device, int gidIndex) throws FabricException {
    return switch (name) {
      case SHM -> openShm();
      case VERBS -> openVerbs(device, gidIndex);
      case AUTO ->
          VerbsDevice.noneUsable(device).isEmpty() ? openBoth(device, gidIndex) : openShm();
      default ->
          throw new FabricException("fabric '" + name + "' does not exist; use auto, shm or verbs");
    };
  }

  /**
   * What {@link #open} takes now, and why, in one line.
   *
   * @param name {@code auto}, {@code shm} or {@code verbs}.
   * @param device RDMA device; empty takes the first that can be used.
   * @return for example {@code auto: verbs on rxe0 (10.0.0.1), shm for this machine}.
   */
  public static String choice(String name, String device) {
    if (name.equals(SHM)) {
      return SHM;
    }
    try {
      VerbsDevice found = VerbsDevice.usable(device);
      String on = "verbs on " + found.name();
      return name.equals(AUTO)
          ? AUTO
              + ": "
              + on
              + " ("
              + found.addresses().getFirst().getHostAddress()
              + "), shm for this machine"
          : on;
    } catch (FabricException e) {
      return name.equals(AUTO) ? AUTO + ": shm (" + e.getMessage() + ")" : name;
    }
  }

  private static Fabric openBoth(String device, int gidIndex) throws FabricException {
    Fabric verbs = openVerbs(device, gidIndex);
    try {
      int inlineBytesMax = verbs.limits().inlineBytesMax();
      return BothFabric.of(
          ShmFabric.open(ShmConfig.defaults(), BothFabric.NEAR_CONNECTIONS_FROM, inlineBytesMax),
          verbs);
    } catch (FabricException e) {
      verbs.close();
      throw e;
    }
  }

  private static Fabric openShm() throws FabricException {
    String reason = shmReason();
    if (!reason.isEmpty()) {
      throw new FabricException("fabric 'shm': " + reason);
    }
    return ShmFabric.open(ShmConfig.defaults());
  }

  private static Fabric openVerbs(String device, int gidIndex) throws FabricException {
    try {
      return VerbsFabric.open(device, gidIndex);
    } catch (FabricException e) {
      throw new FabricException("fabric 'verbs': " + e.getMessage(), e);
    }
  }
}

package io.splitkernel.launcher.devices;

/** Names of network interfaces. */
public interface Netdevs {
  /**
   * Looks one up.
   *
   * @param index of the interface, 0 for none.
   * @return its name, or empty where there is none.
   */
  String name(int index);
}

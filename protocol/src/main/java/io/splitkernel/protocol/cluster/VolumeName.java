package io.splitkernel.protocol.cluster;

/**
 * A volume's name in the whole cluster, as the monitor and memory components know it: {@code
 * STORAGE/VOLUME}. A volume's own name has no slash.
 *
 * @param storage name of its storage component.
 * @param volume its name there.
 */
public record VolumeName(String storage, String volume) {
  /**
   * Reads one.
   *
   * @param text of it.
   * @return the name, or null when it is none.
   */
  public static VolumeName parse(String text) {
    int slash = text.lastIndexOf('/');
    return slash <= 0 || slash == text.length() - 1
        ? null
        : new VolumeName(text.substring(0, slash), text.substring(slash + 1));
  }

  @Override
  public String toString() {
    return storage + '/' + volume;
  }
}

package io.splitkernel.protocol.files;

import java.util.List;

/** Whoever has volumes by name. Any thread. */
public interface VolumeProvider {
  /**
   * Finds one.
   *
   * @param name of 1 to 64 characters out of letters, digits, {@code .}, {@code _} and {@code -},
   *     not beginning with a dot.
   * @return the volume, which stays the provider's, or null when there is none.
   */
  Volume volume(String name);

  /**
   * The door to one, for those who come with an epoch. Without an implementation everybody may use
   * the volume at any time.
   *
   * @param name as above.
   * @return the door, or null when there is no such volume.
   */
  default VolumeUse use(String name) {
    Volume found = volume(name);
    return found == null ? null : new OpenUse(found, verifier());
  }

  /**
   * Makes one; one of that name and quota that is there already is a success.
   *
   * @param name as above.
   * @param quotaBytes length of all files together, 0 for none.
   * @return 0, -EEXIST with another quota, -EINVAL for a bad name, -EROFS …
   */
  int makeVolume(String name, long quotaBytes);

  /**
   * Removes one with everything in it.
   *
   * @param name as above.
   * @return 0, -ENOENT …
   */
  int removeVolume(String name);

  /**
   * A number that changes when what was written but not synced may have been lost: with each start
   * of the machine for files on a disk.
   *
   * @return the number.
   */
  long verifier();

  /**
   * Names of all volumes.
   *
   * @return in alphabetical order.
   */
  List<String> names();
}

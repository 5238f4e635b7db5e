package io.splitkernel.launcher.files;

import io.splitkernel.ffi.Errno;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.client.RemoteVolume;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * A file of a volume with symbolic links resolved, which volumes leave to their clients.
 *
 * @param volume that has it.
 * @param at where it is.
 * @param attributes of it, or null when there is none of that name.
 */
public record VolumeFile(RemoteVolume volume, VolumePath at, FileAttributes attributes) {
  private static final int LINKS_MAX = 40;

  /**
   * Finds a file.
   *
   * @param clients to ask.
   * @param path of it.
   * @return the file; without attributes when only its last component is missing.
   * @throws LegoFailure when it cannot be looked up.
   */
  public static VolumeFile find(StorageClients clients, VolumePath path) throws LegoFailure {
    RemoteVolume volume = clients.volume(path.volume());
    VolumePath at = new VolumePath(path.volume(), "/");
    FileAttributes attributes = new FileAttributes();
    check(volume.lookup("/", 0, attributes), at);
    String rest = path.path().substring(1);
    int links = 0;
    while (!rest.isEmpty()) {
      int slash = rest.indexOf('/');
      VolumePath next = at.child(slash < 0 ? rest : rest.substring(0, slash));
      rest = slash < 0 ? "" : rest.substring(slash + 1);
      int result = volume.lookup(next.path(), 0, attributes);
      if (result == -Errno.ENOENT && rest.isEmpty()) {
        return new VolumeFile(volume, next, null);
      }
      check(result, next);
      if (attributes.is(FileAttributes.SYMLINK)) {
        if (++links > LINKS_MAX) {
          throw new LegoFailure(LegoFailure.FAILURE, path + ": too many symbolic links");
        }
        String target = linkTarget(volume, next) + (rest.isEmpty() ? "" : "/" + rest);
        String whole = target.startsWith("/") ? target : at.path() + "/" + target;
        rest = VolumePath.parse(path.volume() + ":" + whole).path().substring(1);
        at = new VolumePath(path.volume(), "/");
        check(volume.lookup("/", 0, attributes), at);
      } else {
        at = next;
      }
    }
    return new VolumeFile(volume, at, attributes);
  }

  private static String linkTarget(RemoteVolume volume, VolumePath link) throws LegoFailure {
    StringBuilder target = new StringBuilder();
    int result =
        volume.readLink(
            link.path(),
            bytes ->
                target.append(
                    new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8)));
    check(result, link);
    return target.toString();
  }

  /** Says what a negative result means. */
  static void check(long result, Object what) throws LegoFailure {
    if (result < 0) {
      throw new LegoFailure(LegoFailure.FAILURE, what + ": " + Errno.text(result));
    }
  }

  /**
   * This file, which must be there.
   *
   * @return this.
   * @throws LegoFailure when it is not.
   */
  public VolumeFile existing() throws LegoFailure {
    if (attributes == null) {
      check(-Errno.ENOENT, at);
    }
    return this;
  }

  /** Whether it is there and a directory. */
  public boolean isDirectory() {
    return attributes != null && attributes.is(FileAttributes.DIRECTORY);
  }
}

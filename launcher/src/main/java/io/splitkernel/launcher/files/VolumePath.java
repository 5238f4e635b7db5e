package io.splitkernel.launcher.files;

import io.splitkernel.launcher.LegoFailure;

/**
 * A file on a volume, as {@code NAME:/PATH}.
 *
 * @param volume name of the volume.
 * @param path absolute, without {@code .}, {@code ..} or doubled slashes.
 */
public record VolumePath(String volume, String path) {
  /**
   * Parses one.
   *
   * @param text of the command line.
   * @return the file.
   * @throws LegoFailure when it is none.
   */
  public static VolumePath parse(String text) throws LegoFailure {
    VolumePath parsed = parseOrNull(text);
    if (parsed == null) {
      throw new LegoFailure(
          LegoFailure.USAGE, "'" + text + "' is no file on a volume: write NAME:/PATH");
    }
    return parsed;
  }

  /**
   * Parses one, or finds that the text names a local file.
   *
   * @param text of the command line.
   * @return the file, or null.
   */
  public static VolumePath parseOrNull(String text) {
    int colon = text.indexOf(':');
    int slash = text.indexOf('/');
    if (colon <= 0 || (slash >= 0 && slash < colon)) {
      return null;
    }
    return new VolumePath(text.substring(0, colon), normal(text.substring(colon + 1)));
  }

  private static String normal(String path) {
    StringBuilder normal = new StringBuilder();
    for (String part : path.split("/")) {
      if (part.equals("..")) {
        normal.setLength(Math.max(0, normal.lastIndexOf("/")));
      } else if (!part.isEmpty() && !part.equals(".")) {
        normal.append('/').append(part);
      }
    }
    return normal.isEmpty() ? "/" : normal.toString();
  }

  /** Last component of the path; empty for the root. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** A file in this directory. */
  public VolumePath child(String name) {
    return new VolumePath(volume, path.equals("/") ? "/" + name : path + "/" + name);
  }

  @Override
  public String toString() {
    return volume + ":" + path;
  }
}

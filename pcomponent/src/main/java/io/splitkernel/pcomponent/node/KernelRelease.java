package io.splitkernel.pcomponent.node;

/**
 * Version of the running Linux.
 *
 * @param major first number.
 * @param minor second number.
 */
public record KernelRelease(int major, int minor) {
  /**
   * This machine's.
   *
   * @return the version.
   */
  public static KernelRelease current() {
    return parse(System.getProperty("os.version"));
  }

  /**
   * Parses what uname(2) calls the release.
   *
   * @param release for example {@code 6.12.3-amd64}.
   * @return the version; 0.0 when it is not one.
   */
  public static KernelRelease parse(String release) {
    int[] numbers = new int[2];
    int at = 0;
    for (int i = 0; i < release.length() && at < 2; i++) {
      char c = release.charAt(i);
      if (c >= '0' && c <= '9') {
        numbers[at] = numbers[at] * 10 + (c - '0');
      } else {
        at++;
      }
    }
    return new KernelRelease(numbers[0], numbers[1]);
  }

  /**
   * Compares.
   *
   * @param otherMajor first number.
   * @param otherMinor second number.
   * @return true when this is that version or newer.
   */
  public boolean isAtLeast(int otherMajor, int otherMinor) {
    return major > otherMajor || (major == otherMajor && minor >= otherMinor);
  }
}

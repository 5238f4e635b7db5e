package io.splitkernel.launcher.settings;

import java.util.Locale;

/** Sizes as users write them: digits and an optional k, m, g or t for powers of 1024. */
public final class Size {
  /** Bytes of a page; every size is a multiple. */
  public static final long PAGE_BYTES = 4096;

  private Size() {}

  /**
   * Parses a size.
   *
   * @param text for example {@code 64m}.
   * @return bytes, at least one page, rounded down to whole pages.
   * @throws IllegalArgumentException with a one-line reason that names the text.
   */
  public static long parse(String text) {
    long bytes = bytes(text);
    if (bytes < PAGE_BYTES) {
      throw new IllegalArgumentException("'" + text + "' is less than one page (4k)");
    }
    return bytes & -PAGE_BYTES;
  }

  /**
   * Parses a size that need not be whole pages.
   *
   * @param text for example {@code 64} or {@code 4k}.
   * @return bytes, not negative.
   * @throws IllegalArgumentException with a one-line reason that names the text.
   */
  public static long bytes(String text) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    int digits = 0;
    while (digits < lower.length() && isDigit(lower.charAt(digits))) {
      digits++;
    }
    int shift = shiftOf(lower.substring(digits));
    if (digits == 0 || shift < 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a size: write digits and k, m, g or t, for example 64m");
    }
    try {
      return Math.multiplyExact(Long.parseLong(lower.substring(0, digits)), 1L << shift);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is more than 8 EiB", e);
    }
  }

  /**
   * Writes a size the way {@link #parse} reads it, in the largest unit that loses nothing.
   *
   * @param bytes not negative.
   * @return for example {@code 64m}.
   */
  public static String text(long bytes) {
    String units = " kmgt";
    int unit = 0;
    long value = bytes;
    while (value != 0 && value % 1024 == 0 && unit < units.length() - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? Long.toString(value) : Long.toString(value) + units.charAt(unit);
  }

  /**
   * Writes a size for people, rounded to three digits.
   *
   * @param bytes not negative.
   * @return for example {@code 23.5 GiB}.
   */
  public static String rounded(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static int shiftOf(String unit) {
    return switch (unit) {
      case "" -> 0;
      case "k" -> 10;
      case "m" -> 20;
      case "g" -> 30;
      case "t" -> 40;
      default -> -1;
    };
  }
}

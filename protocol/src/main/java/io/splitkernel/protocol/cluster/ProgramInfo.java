package io.splitkernel.protocol.cluster;

/**
 * One running program.
 *
 * @param globalPid node id in the upper 32 bits, its process id on that node in the lower.
 * @param name of the executable, cut to {@value #TEXT_CHARS_MAX} characters.
 * @param arguments joined by spaces, cut likewise.
 * @param startEpochMs when it started, milliseconds since 1970.
 */
public record ProgramInfo(long globalPid, String name, String arguments, long startEpochMs) {
  /** Longest text that travels. */
  public static final int TEXT_CHARS_MAX = 256;

  /** Cuts long texts. */
  public ProgramInfo {
    name = cut(name);
    arguments = cut(arguments);
  }

  private static String cut(String text) {
    return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX);
  }
}

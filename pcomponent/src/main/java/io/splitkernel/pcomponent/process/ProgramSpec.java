package io.splitkernel.pcomponent.process;

import java.util.List;

/**
 * What to run, byte for byte.
 *
 * @param argv program and arguments; the program is looked for in PATH like a shell does.
 * @param environment entries {@code NAME=VALUE}.
 * @param keptDescriptors comma-separated file descriptors above 2 that the program inherits, and
 *     {@code -N} for a standard descriptor that is closed; may be empty.
 * @param workingDirectory where it starts, or {@code @N} for the directory that descriptor N is
 *     open on, or empty for this process's.
 * @param inherited what this process may have changed for itself, as the program is to have it.
 */
public record ProgramSpec(
    List<byte[]> argv,
    List<byte[]> environment,
    String keptDescriptors,
    String workingDirectory,
    Inherited inherited) {
  /** Copies the lists. */
  public ProgramSpec {
    argv = List.copyOf(argv);
    environment = List.copyOf(environment);
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("there is no program to run");
    }
  }

  /**
   * A program that inherits what this process has.
   *
   * @param argv program and arguments.
   * @param environment entries.
   * @param keptDescriptors that it inherits.
   * @param workingDirectory where it starts.
   */
  public ProgramSpec(
      List<byte[]> argv,
      List<byte[]> environment,
      String keptDescriptors,
      String workingDirectory) {
    this(argv, environment, keptDescriptors, workingDirectory, Inherited.ofThisProcess());
  }
}

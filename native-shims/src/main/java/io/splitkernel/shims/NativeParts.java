package io.splitkernel.shims;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The compiled C parts, as resources of this jar. Any thread. */
public final class NativeParts {
  /** The shared library with {@code lego_syscall}. */
  public static final String SHIM_LIBRARY = "liblego_shim.so";

  private NativeParts() {}

  /**
   * Reads one part.
   *
   * @param name file name as built by the Makefile, for example {@link #SHIM_LIBRARY}.
   * @return its bytes.
   * @throws IllegalStateException when the jar was built without it.
   */
  public static byte[] bytes(String name) {
    try (InputStream in = NativeParts.class.getResourceAsStream("/native/" + name)) {
      if (in == null) {
        throw new IllegalStateException(
            "native part " + name + " is not in the jar; build native-shims with a C compiler");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read native part " + name, e);
    }
  }
}

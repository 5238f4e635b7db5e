package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaProvider;
import com.ibm.disni.verbs.RdmaVerbs;
import io.splitkernel.ffi.rdma.RdmaLibraries;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Optional;

/**
 * DiSNI's way to RDMA, without JNI. {@link #install} is the one line that a program adds; {@link
 * DisniMain} adds it to a program that cannot be changed. Any thread.
 */
public final class DisniProvider extends RdmaProvider {
  /** The version that DiSNI 2.1 asks of its native library. */
  private static final int VERSION = 32;

  private final DisniCm cm = new DisniCm();
  private final DisniVerbs verbs = new DisniVerbs();

  private DisniProvider() {}

  /**
   * Makes DiSNI use this provider from now on, in this class loader. Call it before any other class
   * of DiSNI is used. Calling it again does nothing.
   *
   * @throws IllegalStateException when DiSNI is already in use, or is not DiSNI 2.1.
   */
  public static synchronized void install() {
    try {
      Field provider = RdmaProvider.class.getDeclaredField("provider");
      provider.setAccessible(true);
      if (provider.get(null) instanceof DisniProvider) {
        return;
      }
      UtilityClasses.define();
      provider.set(null, new DisniProvider());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this is not DiSNI 2.1: " + e.getMessage(), e);
    }
  }

  @Override
  public RdmaCm openCm() throws IOException {
    checkLibraries();
    return cm;
  }

  @Override
  public RdmaVerbs openVerbs() throws IOException {
    checkLibraries();
    return verbs;
  }

  private static void checkLibraries() throws IOException {
    Optional<String> missing = RdmaLibraries.missing();
    if (missing.isPresent()) {
      throw new IOException(missing.get());
    }
  }

  @Override
  public int getVersion() {
    return VERSION;
  }
}

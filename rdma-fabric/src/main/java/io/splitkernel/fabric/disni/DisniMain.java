package io.splitkernel.fabric.disni;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * Runs the {@code main} of a DiSNI program that was not changed: {@code java ...
 * io.splitkernel.fabric.disni.DisniMain CLASS [ARGUMENT...]}.
 */
public final class DisniMain {
  private DisniMain() {}

  /**
   * Installs the provider and runs the program.
   *
   * @param arguments name of the program's class, and its arguments.
   * @throws Exception whatever the program throws.
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0) {
      System.err.println("usage: java ... " + DisniMain.class.getName() + " CLASS [ARGUMENT...]");
      System.exit(2);
    }
    DisniProvider.install();
    String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
    try {
      Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object) rest);
    } catch (ClassNotFoundException | NoSuchMethodException e) {
      System.err.println("disni: no public static void main(String[]) in " + arguments[0]);
      System.exit(2);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}

package io.splitkernel.pcomponent;

/**
 * Seeds of tests that draw at random: new ones each time, printed as {@code lego.seed}; {@code
 * -Dlego.seed=SEED} replays one.
 */
public final class Seeds {
  private static final String PROPERTY = "lego.seed";

  private Seeds() {}

  /** The seed of a test, or the first of several in a row. */
  public static long next() {
    long seed = Long.getLong(PROPERTY, System.nanoTime());
    System.out.println(PROPERTY + " " + seed);
    return seed;
  }
}

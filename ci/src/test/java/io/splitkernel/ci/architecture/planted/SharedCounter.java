package io.splitkernel.ci.architecture.planted;

/** Breaks the rule on static state with a field that is not final. */
public final class SharedCounter {
  private static int count;

  private SharedCounter() {}

  static int offend() {
    count += 1;
    return count;
  }
}

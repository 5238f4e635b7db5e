package io.splitkernel.ci.architecture.planted;

/** Breaks the rule on names. */
public final class NamelessManager {
  private NamelessManager() {}
}

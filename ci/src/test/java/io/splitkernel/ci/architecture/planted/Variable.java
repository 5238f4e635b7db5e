package io.splitkernel.ci.architecture.planted;

/** Breaks the rule on public fields. */
public final class Variable {
  public int anybodys;
}

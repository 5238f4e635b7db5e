package io.splitkernel.protocol;

/** What a member of the cluster does. */
public enum NodeRole {
  /** Runs programs. */
  PROCESSOR,
  /** Holds memory. */
  MEMORY,
  /** Holds files. */
  STORAGE,
  /** Knows the members and places memory. */
  MONITOR,
  /** A command of an operator; never a member. */
  CONTROL
}

package io.splitkernel.pcomponent.process;

/** What an agent is to the process whose address space it serves. */
enum AgentKind {
  /** A process of its own, which the program cannot see: the usual kind. */
  PROCESS,

  /**
   * A thread of the program. Where the program adopts orphans or is in a PID namespace of its own,
   * an agent that is a process would turn up among its children.
   */
  THREAD,

  /** There can be none: what the process starts next would belong to a new PID namespace. */
  NONE
}

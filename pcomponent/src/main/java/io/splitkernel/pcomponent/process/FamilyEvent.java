package io.splitkernel.pcomponent.process;

/** What a {@link FamilyKeeper} tells of the program that it has started. */
sealed interface FamilyEvent {
  /**
   * The program itself has ended; others of its family may live on.
   *
   * @param status as wait(2) has it.
   */
  record Exited(int status) implements FamilyEvent {}

  /**
   * The program is stopped.
   *
   * @param signal that stopped it.
   */
  record Stopped(int signal) implements FamilyEvent {}

  /** The program runs on. */
  record Continued() implements FamilyEvent {}

  /** The program and all its descendants have ended, and nothing of them is left to collect. */
  record FamilyEnded() implements FamilyEvent {}

  /** The keeper was killed, and the family with it: the run is over. */
  record KeeperDied() implements FamilyEvent {}
}

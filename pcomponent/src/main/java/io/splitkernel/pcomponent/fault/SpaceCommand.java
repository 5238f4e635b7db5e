package io.splitkernel.pcomponent.fault;

/**
 * A command on one space, attempted while its page table may be changed. When the space has ended
 * before, or ends meanwhile, the command is over. Pager thread.
 */
abstract class SpaceCommand extends Command {
  private final PagerState state;
  private final int number;
  private Space space;

  SpaceCommand(String what, PagerState state, int number) {
    super(what + "(space " + number + ")");
    this.state = state;
    this.number = number;
  }

  @Override
  final boolean attempt() {
    Space now = state.live(number);
    if (space == null) {
      space = now;
    }
    if (now == null || now != space) {
      ended();
      return true;
    }
    return !space.isFrozen() && attempt(space);
  }

  /** As {@link #attempt()}, on the space. */
  abstract boolean attempt(Space space);

  /** The space has ended; the result is 0 unless another one is set here. */
  void ended() {}
}

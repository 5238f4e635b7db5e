package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Epoll;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.pcomponent.excache.SpacePages;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The address spaces by number: their beginning and their end. A space that has ended keeps its
 * number and its remote memory for as long as others refer to slots of it. Pager thread.
 */
final class SpaceTable {
  private static final long SYS_CLOSE = 3;

  private final PagerState state;
  private final Epoll epoll;
  private final int[] freeNumbers;
  private final boolean[] lingering;
  private final AtomicReferenceArray<Space> published;
  private int freeCount;
  private int lingeringCount;
  private int alive;

  SpaceTable(PagerState state, Epoll epoll) {
    this.state = state;
    this.epoll = epoll;
    int max = state.config.spacesMax();
    freeNumbers = new int[max];
    lingering = new boolean[max + 1];
    for (int i = 0; i < max; i++) {
      freeNumbers[i] = max - i;
    }
    freeCount = max;
    published = new AtomicReferenceArray<>(max + 2);
  }

  /** Any thread: a space that has not ended, or null; only its final fields may be looked at. */
  Space find(int number) {
    return number > 0 && number < published.length() ? published.get(number) : null;
  }

  /** Begins a space; throws when there are too many. */
  Space open(int uffd, AddressSpaceModel model, AddressSpaceAgent agent, int pid, long nowNs) {
    if (freeCount == 0) {
      throw new IllegalStateException(
          "more than " + state.config.spacesMax() + " address spaces; raise spacesMax");
    }
    int number = freeNumbers[--freeCount];
    SpacePages pages = state.cache.open(number);
    Space space = new Space(pages, uffd, model, agent, pid, nowNs);
    int result = epoll.add(uffd, Epoll.IN, number);
    if (result < 0) {
      state.cache.close(pages);
      freeNumbers[freeCount++] = number;
      throw new IllegalStateException("epoll_ctl(userfaultfd " + uffd + "): " + Errno.text(result));
    }
    state.spaces[number] = space;
    published.set(number, space);
    state.remote.openSpace(number);
    state.counters.set(ProcessorCounter.SPACES, ++alive);
    return space;
  }

  /** A space is ending: no control thread finds it any more. */
  void retire(Space space) {
    published.set(space.number(), null);
  }

  /** Whether nothing of a space is under way. */
  boolean isClosable(Space space) {
    return !space.isFrozen()
        && space.pages.evicting() == 0
        && space.pages.reading() == 0
        && space.pages.writing() == 0
        && space.shut();
  }

  /**
   * Ends a space that is closable.
   *
   * @return pages of it that were not in the program's memory.
   */
  long close(Space space) {
    retire(space);
    space.parent = null;
    state.heldChanged = true; // children may have inherited its holds
    epoll.remove(space.uffd);
    Syscall.call(SYS_CLOSE, space.uffd, 0, 0);
    if (space.pagemap != null) {
      space.pagemap.close();
    }
    int number = space.number();
    state.spaces[number] = null;
    long away = state.cache.close(space.pages);
    state.counters.set(ProcessorCounter.SPACES, --alive);
    lingering[number] = true;
    lingeringCount++;
    releaseUnreferenced();
    state.cache.frames().unblock(); // what it had taken is free for others
    return away;
  }

  /** Frees the remote memory of ended spaces that nobody refers to any more. */
  void releaseUnreferenced() {
    for (int number = 1; lingeringCount > 0 && number < lingering.length; number++) {
      if (lingering[number] && state.cache.foreign().ownedBy(number) == 0) {
        lingering[number] = false;
        lingeringCount--;
        state.remote.closeSpace(number);
        freeNumbers[freeCount++] = number;
      }
    }
  }

  /** Spaces that have not ended. */
  int alive() {
    return alive;
  }
}

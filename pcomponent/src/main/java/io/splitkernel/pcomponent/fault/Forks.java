package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.Lines;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageState;
import io.splitkernel.pcomponent.excache.PageTable;
import io.splitkernel.pcomponent.space.Mapping;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Forked address spaces. The kernel's event names the child's userfaultfd, and the forking thread
 * goes on as soon as the event has been read. The child gets the parent's mappings, page table and
 * beacon then; nobody knows yet which process it is, so it is served without an agent until it is
 * claimed.
 *
 * <p>Pages that are with the evictor at that moment are doubts: they may have left the parent
 * before the kernel copied, or after. The evictor's results are taken back only when the children
 * have been given what they lack of them; the kernel says of each page whether it is there.
 *
 * <p>Pager thread.
 */
final class Forks {
  /** Pages of page tables that are copied in one turn, so that others are served soon. */
  private static final int SLICE = 4096;

  /** How long after a fork a change of the parent may still be one that the child has seen. */
  private static final long YOUNG_NS = 1_000_000_000L;

  private final PagerState state;
  private final ExCache cache;
  private final SpaceTable table;
  private final Evictor evictor;
  private final Installer installer;
  private final Beacon beacon;
  private final Unclaimed unclaimed;
  private final ArrayDeque<PageTableCopy> copies = new ArrayDeque<>();
  private final List<Space> doubtful = new ArrayList<>();
  private final ArrayDeque<Space> young = new ArrayDeque<>();

  Forks(
      PagerState state,
      SpaceTable table,
      Evictor evictor,
      Installer installer,
      Beacon beacon,
      Unclaimed unclaimed) {
    this.state = state;
    this.cache = state.cache;
    this.table = table;
    this.evictor = evictor;
    this.installer = installer;
    this.beacon = beacon;
    this.unclaimed = unclaimed;
  }

  /** The kernel tells of a fork. */
  void onFork(Space parent, int uffd, long nowNs) {
    state.counters.increment(ProcessorCounter.FORKS);
    Space child = table.open(uffd, parent.model.copy(), null, 0, nowNs);
    beacon.install(child);
    child.inherit(parent);
    if (!evictor.isIdle() && evictor.task().space == parent) {
      child.doubts = evictor.task().pagesSorted();
    }
    if (child.doubts != null) {
      doubtful.add(child);
    }
    while (!young.isEmpty() && isGrown(young.peek(), nowNs)) {
      young.poll();
    }
    young.add(child);
    parent.freeze();
    child.freeze();
    copies.add(new PageTableCopy(cache, parent, child));
    advance();
    unclaimed.add(child, nowNs);
    unclaimed.look(2, nowNs);
  }

  /** Goes on with the copies of page tables, in the order of the forks. */
  void advance() {
    int left = SLICE;
    while (!copies.isEmpty() && left > 0) {
      PageTableCopy copy = copies.peek();
      left -= copy.step(left);
      if (copy.isDone()) {
        copies.poll();
        finish(copy.parent(), copy.child());
      }
    }
  }

  private void finish(Space parent, Space child) {
    parent.thaw();
    child.thaw();
    state.heldChanged = true;
    if (parent.doomed) {
      state.memoryLost(child, "memory lost: the parent process could not go on when it forked");
    }
  }

  /** Whether page tables are being copied. */
  boolean isCopying() {
    return !copies.isEmpty();
  }

  /**
   * Gives the children which were forked during a finished eviction what they lack of its pages.
   *
   * @return false when it must be tried again in a later turn.
   */
  boolean settleDoubts(EvictionTask task, Messages messages) {
    for (int i = 0; i < doubtful.size(); i++) { // reading of a fork may add one
      Space child = doubtful.get(i);
      if (!settleDoubts(child, task)) {
        messages.isSettled(child);
        return false;
      }
      child.doubts = null;
      state.heldChanged = true;
    }
    doubtful.clear();
    return true;
  }

  private boolean settleDoubts(Space child, EvictionTask task) {
    if (child.doubts == null || state.live(child.number()) != child) {
      return true;
    }
    for (int i = 0; i < task.count; i++) {
      boolean empty = PageEntry.is(child.pages.table().get(task.pages[i]), PageState.EMPTY);
      if (empty
          && child.isDoubt(task.pages[i])
          && !isWiped(child, task.pages[i])
          && !settle(child, task, i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWiped(Space child, long page) {
    Mapping mapping = child.model.at(page << 12);
    return mapping != null && mapping.has(Mapping.WIPE_ON_FORK);
  }

  private boolean settle(Space child, EvictionTask task, int i) {
    long page = task.pages[i];
    if (task.failure != null) {
      child.addLost(page);
      return true;
    }
    int result = task.results[i];
    if (result == 0 || result == -Errno.ENOENT) {
      long installed =
          result == 0 && !task.zero[i]
              ? installer.copy(child, page, task.frameAddresses[i], 1, true)
              : installer.zero(child, page, 1, true);
      if (installed == -Errno.EAGAIN) {
        return false;
      }
      if (installed < 0 && installed != -Errno.EEXIST) {
        return true; // the child has it mapped no more
      }
    }
    cache.makeCopy(child.pages, page, Lines.NONE);
    return true;
  }

  /** Looks where those pages of a claimed child are whose eviction from its parent failed. */
  void settleLost(Space child) {
    if (child.lost == null) {
      return;
    }
    for (long page : child.lost) {
      long entry = child.pages.table().get(page);
      if (!child.pagemap.isPresent(page)) {
        state.memoryLost(child, lostReason(page));
      } else if (PageEntry.is(entry, PageState.EMPTY)) {
        installer.adopt(child, page, entry);
      }
    }
    child.lost = null;
    state.heldChanged = true;
  }

  private static String lostReason(long page) {
    return "memory lost: page 0x"
        + Long.toHexString(page << 12)
        + " was on its way out when the agent of the parent process ended";
  }

  /** The children that a change of their parent may have come too early or too late for. */
  Iterable<Space> youngChildren(Space parent) {
    long now = System.nanoTime();
    List<Space> found = List.of();
    Iterator<Space> all = young.iterator();
    while (all.hasNext()) {
      Space child = all.next();
      if (isGrown(child, now)) {
        all.remove();
      } else if (child.parent == parent) {
        found = found.isEmpty() ? new ArrayList<>() : found;
        found.add(child);
      }
    }
    return found;
  }

  private static boolean isGrown(Space child, long nowNs) {
    return child.ending || (nowNs - child.bornNs > YOUNG_NS && child.heldBy == null);
  }

  /**
   * Whether a page is mapped and registered in a space.
   *
   * @return 1 when it is, 0 when it is not, {@code -EAGAIN} when the kernel does not say now.
   */
  int isMapped(Space space, long page) {
    // a protection that is not needed costs a fault at most; to lift one would lose a write
    int answer = state.uffd.writeProtect(space.uffd, page << 12, PageTable.PAGE_BYTES, true);
    return answer == -Errno.EAGAIN ? answer : answer == 0 ? 1 : 0;
  }

  /** A hold has ended: that of the children which were forked meanwhile ends too. */
  void releaseInherited(Space holder, long from, long end) {
    for (Space child : young) {
      if (child.heldBy == holder) {
        child.inherited.remove(from, end);
        if (child.inherited.isEmpty()) {
          child.disinherit();
        }
      }
    }
  }
}

package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageState;
import io.splitkernel.pcomponent.excache.PageTable;

/**
 * The one place that puts pages into programs, and knows what the kernel's answers mean. The kernel
 * fills pages of one registered mapping only, so a run that goes beyond it is refused and touches
 * nothing behind. Pager thread, data path.
 */
final class Installer implements AutoCloseable {
  private static final int PAGE = PageTable.PAGE_BYTES;
  private static final int SHIFT = 12;
  private static final long ZERO_BYTES = 64L * PAGE;

  private final PagerState state;
  private final ExCache cache;
  private final Userfaultfd uffd;
  private final long zeros = RawMemory.map(ZERO_BYTES);

  Installer(PagerState state) {
    this.state = state;
    this.cache = state.cache;
    this.uffd = state.uffd;
  }

  /**
   * Installs pages of zeros and wakes who waits.
   *
   * @param count in 1..64.
   * @param write whether they are to be the program's own at once.
   * @return bytes installed, which may be less than asked for, or -errno.
   */
  long zero(Space space, long page, int count, boolean write) {
    long bytes = (long) count * PAGE;
    return write
        ? uffd.copy(space.uffd, page << SHIFT, zeros, bytes, 0)
        : uffd.zeroPage(space.uffd, page << SHIFT, bytes);
  }

  /**
   * Installs pages from neighbouring frames and wakes who waits.
   *
   * @param dirty whether the program may write to them without a fault.
   * @return bytes installed, which may be less than asked for, or -errno.
   */
  long copy(Space space, long page, long frameAddress, int count, boolean dirty) {
    return uffd.copy(
        space.uffd,
        page << SHIFT,
        frameAddress,
        (long) count * PAGE,
        dirty ? 0 : Userfaultfd.COPY_WP);
  }

  /**
   * What follows when the kernel did not install a page: the fault is served again after a fork, a
   * page that is there is live and dirty, and whoever waits for a page that is not to be had finds
   * out by himself.
   *
   * @param kind of the fault, 0 when nobody waits.
   * @param result the kernel's answer.
   */
  void refused(Space space, long page, int kind, long startNs, long result) {
    switch ((int) -result) {
      case Errno.EAGAIN -> {
        state.counters.increment(ProcessorCounter.FORK_RETRIES);
        if (kind != 0) {
          state.retries.add(space.number(), page, kind, startNs);
        }
      }
      case Errno.EEXIST -> {
        long entry = space.pages.table().get(page);
        if (!PageEntry.is(entry, PageState.RESIDENT)) {
          adopt(space, page, entry);
        }
        wake(space, page);
      }
      case Errno.ESRCH -> {}
      default -> wake(space, page);
    }
  }

  /** A page turned out to be in the program though it was not known to be: it is live and dirty. */
  void adopt(Space space, long page, long entry) {
    cache.makeResident(space.pages, page, entry, true, false);
  }

  /** Whoever waits for a page looks again. */
  void wake(Space space, long page) {
    state.counters.increment(ProcessorCounter.MINOR_FAULTS);
    uffd.wake(space.uffd, page << SHIFT, PAGE);
  }

  @Override
  public void close() {
    RawMemory.unmap(zeros, ZERO_BYTES);
  }
}

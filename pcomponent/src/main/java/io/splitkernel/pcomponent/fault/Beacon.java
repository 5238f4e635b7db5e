package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.excache.PageTable;

/**
 * The page by which an address space is told from all others: the pager's nonce and the number of
 * the space. It lies in the range that is Lego's own in every address space, whose pages are no
 * lines of the cache. Pager thread.
 */
final class Beacon implements AutoCloseable {
  private static final int SHIFT = 12;
  private static final long OWN_ADDRESS = Layout.of("LEGO_BLOB_ADDRESS");
  private static final long OWN_PAGE = OWN_ADDRESS >>> SHIFT;
  private static final long OWN_PAGES = 1L << (41 - SHIFT);

  /** A page of Lego's own range that is never mapped: an ioctl on it changes nothing. */
  static final long NOWHERE = OWN_ADDRESS + (1L << 40);

  private final Userfaultfd uffd;
  private final long content = RawMemory.map(PageTable.PAGE_BYTES);

  Beacon(Userfaultfd uffd, long nonce) {
    this.uffd = uffd;
    RawMemory.putLong(content, nonce);
  }

  /** Whether a page is in the range that is Lego's own. */
  static boolean isOwn(long page) {
    return page - OWN_PAGE >= 0 && page - OWN_PAGE < OWN_PAGES;
  }

  /** Whether the beacon is in a range of pages. */
  static boolean isIn(long from, long end) {
    long page = AddressSpaces.BEACON_ADDRESS >>> SHIFT;
    return page >= from && page < end;
  }

  /**
   * Gives a space its beacon. Where none is mapped, or one is installed already, nothing happens.
   */
  void install(Space space) {
    RawMemory.putLong(content + 8, space.number());
    uffd.copy(space.uffd, AddressSpaces.BEACON_ADDRESS, content, PageTable.PAGE_BYTES, 0);
  }

  @Override
  public void close() {
    RawMemory.unmap(content, PageTable.PAGE_BYTES);
  }
}

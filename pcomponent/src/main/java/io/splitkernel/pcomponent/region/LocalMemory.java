package io.splitkernel.pcomponent.region;

import io.splitkernel.ffi.RawMemory;
import io.splitkernel.pcomponent.excache.ChunkPool;
import io.splitkernel.pcomponent.excache.PageTable;
import io.splitkernel.pcomponent.fault.RemoteEvents;
import io.splitkernel.pcomponent.fault.RemoteMemory;

/**
 * Remote memory that is not remote: a store in this process, for tests and for measuring the pager
 * by itself. Transfers are copies at posting time. One thread.
 */
public final class LocalMemory implements RemoteMemory {
  private static final int EXTENT_SHIFT = 21;
  private static final long EXTENT_BYTES = 1L << EXTENT_SHIFT;
  private static final int QUEUE = 4096;

  private final ChunkPool chunks = new ChunkPool();
  private final PageTable[] spaces = new PageTable[1 << 16];
  private final long[] done = new long[QUEUE];
  private final long extentsMax;
  private long framesBase;
  private long framesBytes;
  private int doneCount;
  private long extents;
  private long newsAddress = -1;
  private int newsSpace;
  private boolean newsGranted;

  /**
   * @param bytesMax bytes that it grants, rounded up to extents of 2 MiB.
   */
  public LocalMemory(long bytesMax) {
    extentsMax = (bytesMax + EXTENT_BYTES - 1) >>> EXTENT_SHIFT;
  }

  @Override
  public long allocateFrames(long lengthBytes) {
    framesBytes = lengthBytes;
    framesBase = RawMemory.map(lengthBytes);
    return framesBase;
  }

  @Override
  public void openSpace(int space) {
    spaces[space] = new PageTable(chunks);
  }

  @Override
  public void closeSpace(int space) {
    PageTable closed = spaces[space];
    if (closed != null) {
      long key = closed.nextPage(0, PageTable.PAGES_MAX);
      while (key != PageTable.NO_PAGE) {
        RawMemory.unmap(closed.get(key), EXTENT_BYTES);
        extents--;
        key = closed.nextPage(key + 1, PageTable.PAGES_MAX);
      }
      closed.close();
      spaces[space] = null;
    }
  }

  /** Extents in use. */
  public long extents() {
    return extents;
  }

  private long at(int space, long address) {
    long extent = spaces[space].get(address >>> EXTENT_SHIFT);
    return extent == 0 ? 0 : extent + (address & (EXTENT_BYTES - 1));
  }

  @Override
  public int read(long token, int space, long address, long frameAddress, int lengthBytes) {
    long from = at(space, address);
    if (from == 0) {
      throw new AssertionError(
          "READ of 0x" + Long.toHexString(address) + " of space " + space + ": never written");
    }
    if (doneCount == QUEUE) {
      return QUEUE_FULL;
    }
    RawMemory.copy(from, frameAddress, lengthBytes);
    done[doneCount++] = token;
    return POSTED;
  }

  @Override
  public int write(long token, int space, long address, long frameAddress) {
    long to = at(space, address);
    if (to == 0) {
      return NO_EXTENT;
    }
    if (doneCount == QUEUE) {
      return QUEUE_FULL;
    }
    RawMemory.copy(frameAddress, to, 4096);
    done[doneCount++] = token;
    return POSTED;
  }

  @Override
  public boolean requestExtent(int space, long address) {
    PageTable table = spaces[space];
    long key = address >>> EXTENT_SHIFT;
    newsGranted = table.get(key) != 0 || extents < extentsMax;
    newsSpace = space;
    newsAddress = address;
    if (newsGranted && table.get(key) == 0) {
      extents++;
      table.set(key, RawMemory.map(EXTENT_BYTES));
    }
    return true;
  }

  @Override
  public void flush() {}

  @Override
  public int poll(RemoteEvents events) {
    events.clear();
    if (newsAddress >= 0) {
      events.addNews(
          newsGranted ? RemoteEvents.Kind.EXTENT_GRANTED : RemoteEvents.Kind.EXTENT_DENIED,
          newsSpace,
          newsAddress,
          newsGranted ? null : "out of memory: no extent left of " + extentsMax);
      newsAddress = -1;
    }
    int taken = 0;
    while (taken < doneCount && !events.isFull()) {
      events.addCompletion(done[taken++], true, null);
    }
    System.arraycopy(done, taken, done, 0, doneCount - taken);
    doneCount -= taken;
    return events.count();
  }

  @Override
  public int outstanding() {
    return doneCount + (newsAddress >= 0 ? 1 : 0);
  }

  @Override
  public int eventDescriptor() {
    return -1;
  }

  @Override
  public boolean arm() {
    return false;
  }

  @Override
  public void acknowledge() {
    // there is no event descriptor
  }

  @Override
  public void close() {
    for (int space = 0; space < spaces.length; space++) {
      closeSpace(space);
    }
    chunks.close();
    RawMemory.unmap(framesBase, framesBytes);
  }
}

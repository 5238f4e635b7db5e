package io.splitkernel.scomponent.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private static final int MIB = 1 << 20;
  private static final long AHEAD = 4L * MIB;
  private static final long SIZE = 64L * MIB;

  private final Asked file = new Asked();
  private final ReadAhead ahead = new ReadAhead(file, AHEAD);

  /** Knows up to where it was asked, and how much altogether. */
  private static final class Asked implements BackingFile {
    private long end;
    private long bytes;
    private long longest;

    @Override
    public void willNeed(long offset, long lengthBytes) {
      end = Math.max(end, offset + lengthBytes);
      bytes += lengthBytes;
      longest = Math.max(longest, lengthBytes);
    }

    @Override
    public int read(long offset, MemorySegment into) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int write(long offset, MemorySegment from) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long size() {
      return SIZE;
    }

    @Override
    public int setSize(long sizeBytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int allocate(int flags, long offset, long lengthBytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int sync(boolean dataOnly) {
      return 0;
    }

    @Override
    public int writeOut() {
      return 0;
    }

    @Override
    public void close() {}
  }

  @Test
  void shouldStayAheadOfLongReadsAndAskForEverythingOnce() {
    for (long at = 0; at < SIZE; at += MIB) {
      ahead.onRead(at, MIB, SIZE);
      long wanted = Math.min(at + MIB + AHEAD, SIZE);
      assertEquals(CheckedLayout.backing(wanted - 1) + 1, file.end, "at " + at);
    }
    assertTrue(file.bytes <= CheckedLayout.backingSize(SIZE), file.bytes + " bytes");
    assertTrue(file.longest <= MIB, "more at once than Linux takes");
  }

  @Test
  void shouldFollowReadsThatArriveInNoOrder() {
    long[] order = {1, 0, 3, 2, 5, 6, 4, 7};
    for (long at : order) {
      ahead.onRead(at * MIB, MIB, SIZE);
    }
    assertEquals(CheckedLayout.backing(8 * MIB + AHEAD - 1) + 1, file.end);
  }

  @Test
  void shouldAskForNothingWhenReadsDoNotFollowEachOther() {
    for (long at : new long[] {40, 8, 56, 24, 48}) {
      ahead.onRead(at * MIB, MIB, SIZE);
    }
    assertEquals(0, file.bytes);
  }

  @Test
  void shouldLeaveShortReadsAlone() {
    for (long at = 0; at < SIZE; at += 4096) {
      ahead.onRead(at, 4096, SIZE);
    }
    assertEquals(0, file.bytes);
  }

  @Test
  void shouldAskForNothingBehindTheEnd() {
    ahead.onRead(0, MIB, MIB);
    ahead.onRead(MIB, 0, MIB);
    assertEquals(0, file.bytes);
    ahead.onRead(0, MIB, MIB + 5);
    assertEquals(5, file.bytes);
  }

  @Test
  void shouldDoNothingWhenItIsOff() {
    ReadAhead off = new ReadAhead(file, 0);
    off.onRead(0, MIB, SIZE);
    off.onRead(MIB, MIB, SIZE);
    assertEquals(0, file.bytes);
  }
}

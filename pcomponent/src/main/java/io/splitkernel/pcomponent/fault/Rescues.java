package io.splitkernel.pcomponent.fault;

import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.ForeignSlots;
import io.splitkernel.pcomponent.excache.Frames;
import io.splitkernel.pcomponent.excache.PageTable;

/**
 * Carries the content of shared remote slots to slots of the pager's own before their owner
 * overwrites them: one READ, one WRITE, and the record that all referrers use is renamed. A few
 * frames are set aside for it, so that it goes on when every other frame waits for it. Pager
 * thread.
 */
final class Rescues {
  private static final int SHIFT = 12;

  private final PagerState state;
  private final ExCache cache;
  private final Frames frames;
  private final int[] frameOf;
  private final int[] recordOf;
  private final long[] pageOf;
  private final boolean[] mustWrite;
  private int active;

  Rescues(PagerState state) {
    this.state = state;
    this.cache = state.cache;
    this.frames = cache.frames();
    int slots = Math.max(1, Math.min(16, frames.count() / 8));
    frameOf = new int[slots];
    recordOf = new int[slots];
    pageOf = new long[slots];
    mustWrite = new boolean[slots];
    for (int i = 0; i < slots; i++) {
      frameOf[i] = cache.reserveFrame();
    }
  }

  /** Frames set aside. */
  int frameCount() {
    return frameOf.length;
  }

  /** Rescues under way. */
  int active() {
    return active;
  }

  /**
   * Makes a slot free for overwriting.
   *
   * @return true when it is; false when it will be, after which blocked frames are tried again.
   */
  boolean isFree(int space, long page) {
    int record = cache.foreign().find(space, page);
    if (record == ForeignSlots.NONE) {
      return true;
    }
    int slot = -1;
    for (int i = 0; i < recordOf.length; i++) {
      if (recordOf[i] == record) {
        return false;
      }
      if (recordOf[i] == ForeignSlots.NONE) {
        slot = i;
      }
    }
    if (slot >= 0) {
      start(slot, record, space, page);
    }
    return false;
  }

  private void start(int slot, int record, int space, long page) {
    int frame = frameOf[slot];
    frames.renew(frame);
    long token = Tokens.of(Tokens.RESCUE_READ, frame, frames.generation(frame));
    int result =
        state.remote.read(token, space, page << SHIFT, frames.address(frame), PageTable.PAGE_BYTES);
    if (result == RemoteMemory.POSTED) {
      recordOf[slot] = record;
      pageOf[slot] = cache.slots().takePoolPage();
      cache.foreign().referAgain(record);
      active++;
    }
  }

  /** The READ of a rescue has ended. */
  void onRead(int frame, boolean good) {
    int slot = slotOf(frame);
    if (good) {
      mustWrite[slot] = true;
      advance();
    } else {
      end(slot, false);
    }
  }

  /** Starts WRITEs that could not start before. */
  void advance() {
    for (int i = 0; i < recordOf.length && active > 0; i++) {
      if (mustWrite[i]) {
        write(i);
      }
    }
  }

  private void write(int slot) {
    int frame = frameOf[slot];
    long token = Tokens.of(Tokens.RESCUE_WRITE, frame, frames.generation(frame));
    long address = pageOf[slot] << SHIFT;
    int result =
        state.remote.write(token, cache.slots().poolSpace(), address, frames.address(frame));
    switch (result) {
      case RemoteMemory.POSTED -> mustWrite[slot] = false;
      case RemoteMemory.NO_EXTENT -> state.requestExtent(cache.slots().poolSpace(), address);
      case RemoteMemory.LOST -> end(slot, false);
      default -> {}
    }
  }

  /** The WRITE of a rescue has ended. */
  void onWritten(int frame, boolean good) {
    end(slotOf(frame), good);
  }

  private void end(int slot, boolean good) {
    int record = recordOf[slot];
    mustWrite[slot] = false;
    recordOf[slot] = ForeignSlots.NONE;
    active--;
    if (good) {
      state.counters.increment(ProcessorCounter.RESCUES);
      cache.slots().rescued(record, pageOf[slot]);
    } else {
      cache.slots().givePoolPage(pageOf[slot]);
    }
    cache.slots().release(record);
    frames.unblock();
  }

  private int slotOf(int frame) {
    int slot = 0;
    while (frameOf[slot] != frame) {
      slot++;
    }
    return slot;
  }
}

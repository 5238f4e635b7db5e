package io.splitkernel.pcomponent.fault;

import io.splitkernel.pcomponent.excache.ExCache;
import io.splitkernel.pcomponent.excache.Frames;
import io.splitkernel.pcomponent.excache.PageEntry;
import io.splitkernel.pcomponent.excache.PageTable;
import io.splitkernel.pcomponent.excache.SpacePages;

/**
 * Writes dirty victims to their remote slots, oldest first, in batches, so that clean frames are at
 * hand before they are needed. Pager thread, data path.
 */
final class WriteBack {
  private static final int PAGE = PageTable.PAGE_BYTES;
  private static final int SHIFT = 12;
  private static final int BATCH = 64;

  private final PagerState state;
  private final ExCache cache;
  private final Frames frames;
  private final Rescues rescues;
  private final int dirtyMax;

  WriteBack(PagerState state, Rescues rescues) {
    this.state = state;
    this.rescues = rescues;
    this.cache = state.cache;
    this.frames = cache.frames();
    this.dirtyMax = frames.count() / 4;
  }

  /**
   * Starts WRITEs when there are too many dirty victims.
   *
   * @param urgent whether frames are missing already.
   */
  void kick(boolean urgent) {
    int keep = urgent ? 0 : dirtyMax;
    if (frames.dirtyCount() > keep) {
      int target = Math.max(0, keep - BATCH / 2);
      int frame = frames.oldestDirty();
      while (frame != Frames.NONE && frames.dirtyCount() > target) {
        int next = frames.youngerDirty(frame);
        if (!write(frame)) {
          break;
        }
        frame = next;
      }
    }
  }

  /** Starts the WRITE of a dirty victim; false when the queue is full. */
  private boolean write(int frame) {
    SpacePages space = cache.space(frames.space(frame));
    long page = frames.page(frame);
    if (PageEntry.has(space.table().get(page), PageEntry.SHARED)
        && !rescues.isFree(space.number(), page)) {
      if (rescues.active() == 0) {
        return false; // the queue is full: nobody would unblock it
      }
      frames.become(frame, Frames.Use.BLOCKED);
      return true;
    }
    long token = Tokens.of(Tokens.WRITE, frame, frames.generation(frame));
    int result = state.remote.write(token, space.number(), page << SHIFT, frames.address(frame));
    return switch (result) {
      case RemoteMemory.POSTED -> {
        cache.transits().makeWriting(space, page, space.table().get(page), frame);
        state.counters.increment(ProcessorCounter.REMOTE_WRITES);
        state.counters.add(ProcessorCounter.REMOTE_WRITE_BYTES, PAGE);
        yield true;
      }
      case RemoteMemory.NO_EXTENT -> {
        frames.become(frame, Frames.Use.BLOCKED);
        state.requestExtent(space.number(), page << SHIFT);
        yield true;
      }
      case RemoteMemory.LOST -> {
        frames.become(frame, Frames.Use.BLOCKED);
        state.memoryLost(state.spaces[space.number()], lostReason(page));
        yield true;
      }
      default -> false;
    };
  }

  private static String lostReason(long page) {
    return "memory lost: the memory component for page 0x"
        + Long.toHexString(page << SHIFT)
        + " is gone";
  }

  /** A WRITE has ended. */
  void onWritten(int frame, boolean good, String reason) {
    SpacePages space = cache.space(frames.space(frame));
    long page = frames.page(frame);
    space.addWriting(-1);
    if (!good) {
      state.memoryLost(state.spaces[space.number()], reason == null ? lostReason(page) : reason);
    }
    if (frames.isOrphan(frame)) {
      frames.become(frame, Frames.Use.FREE);
      return;
    }
    assert PageEntry.line(space.table().get(page)) == frame;
    frames.become(frame, Frames.Use.CLEAN);
  }

  /** An extent came: whatever was blocked may try again. */
  void onExtentGranted() {
    frames.unblock();
    rescues.advance();
  }

  /**
   * No room for an extent: its space cannot write back. The pager's own slots are everybody's: it
   * is the largest space.
   */
  void onExtentDenied(int space, String reason) {
    Space denied = space == cache.slots().poolSpace() ? state.largest() : state.spaces[space];
    if (denied != null) {
      state.outOfMemory(denied, reason);
    }
  }
}

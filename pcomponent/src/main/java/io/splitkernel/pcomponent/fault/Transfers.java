package io.splitkernel.pcomponent.fault;

import io.splitkernel.pcomponent.excache.Frames;

/** Takes what has come from remote memory, and gives it to who waits for it. Pager thread. */
final class Transfers {
  private final PagerState state;
  private final Fetches fetches;
  private final ReadAhead readAhead;
  private final WriteBack writeBack;
  private final Rescues rescues;
  private final RemoteEvents events = new RemoteEvents(256);

  Transfers(
      PagerState state,
      Fetches fetches,
      ReadAhead readAhead,
      WriteBack writeBack,
      Rescues rescues) {
    this.state = state;
    this.fetches = fetches;
    this.readAhead = readAhead;
    this.writeBack = writeBack;
    this.rescues = rescues;
  }

  /** Takes all that is there; whether there was anything. */
  boolean poll() {
    boolean any = false;
    int count;
    do {
      count = state.remote.poll(events);
      for (int i = 0; i < count; i++) {
        onRemote(i);
      }
      any |= count > 0;
    } while (count > 0);
    return any;
  }

  private void onRemote(int i) {
    switch (events.kind(i)) {
      case DONE -> onTransfer(events.token(i), true, null);
      case FAILED -> onTransfer(events.token(i), false, events.reason(i));
      case EXTENT_GRANTED -> writeBack.onExtentGranted();
      case EXTENT_DENIED -> writeBack.onExtentDenied(events.space(i), events.reason(i));
      case SPACE_LOST -> {
        Space space = state.spaces[events.space(i)];
        if (space != null) {
          state.memoryLost(space, events.reason(i));
        }
      }
    }
  }

  private void onTransfer(long token, boolean good, String reason) {
    int frame = Tokens.frame(token);
    Frames frames = state.cache.frames();
    if (frames.generation(frame) != Tokens.generation(token)) {
      state.counters.increment(ProcessorCounter.STALE_COMPLETIONS);
      return;
    }
    switch (Tokens.operation(token)) {
      case Tokens.READ -> fetches.onRead(frame, good, reason);
      case Tokens.WRITE -> writeBack.onWritten(frame, good, reason);
      case Tokens.READ_AHEAD -> readAhead.onRead(frame, good, reason);
      case Tokens.RESCUE_READ -> rescues.onRead(frame, good);
      case Tokens.RESCUE_WRITE -> rescues.onWritten(frame, good);
      default -> state.counters.increment(ProcessorCounter.STALE_COMPLETIONS);
    }
  }
}

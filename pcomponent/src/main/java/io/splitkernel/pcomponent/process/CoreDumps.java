package io.splitkernel.pcomponent.process;

import java.util.ArrayList;
import java.util.List;

/**
 * Tells what core dumps lack. The kernel does not ask for a page that is away while it writes one:
 * there is a hole in its place. What was away is known when the address space has ended, and that
 * there is a dump when the process has; the second of the two makes the line. Any thread.
 */
final class CoreDumps {
  private static final int NOTES_MAX = 100;
  private static final long MIB = 1 << 20;

  /** What wait(2) adds to the signal's number for a process of which a core was dumped. */
  private static final int CORE_FLAG = 0x80;

  private final List<String> notes = new ArrayList<>();

  /** Whether a process with this wait(2) status has left a core dump. */
  static boolean isIn(int status) {
    return (status & 0x7f) != 0 && (status & 0xff) != 0x7f && (status & CORE_FLAG) != 0;
  }

  /** A space has ended. */
  synchronized void onSpaceEnded(LiveSpace space, long awayBytes) {
    space.endedAwayBytes(awayBytes);
    tell(space);
  }

  /** A process that lived in a space has dumped its core. */
  synchronized void onDumped(LiveSpace space, int pid) {
    space.dumpedPid(pid);
    tell(space);
  }

  private void tell(LiveSpace space) {
    if (space.dumpedPid() != 0 && space.endedAwayBytes() > 0 && notes.size() < NOTES_MAX) {
      long mib = (space.endedAwayBytes() + MIB - 1) / MIB;
      notes.add(
          "the core dump of process "
              + space.dumpedPid()
              + " lacks "
              + mib
              + " MiB that were in memory components");
    }
  }

  /** What there is to tell so far. */
  synchronized List<String> notes() {
    return List.copyOf(notes);
  }
}

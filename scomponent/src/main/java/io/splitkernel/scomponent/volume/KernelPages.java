package io.splitkernel.scomponent.volume;

import io.splitkernel.protocol.files.FileAttributes;

/**
 * For the files that were opened lately, of which state of theirs the kernel has pages, so that it
 * may keep them at an open that finds the file in the same state. Length and times tell of a change
 * only when the clock of the volume has ticked since the one before: a state counts when two opens
 * have seen it with some time in between, and pages that are older than the second do not. Bounded:
 * files share places, and who comes later has it. Any thread.
 */
final class KernelPages {
  /** Longer than a tick of any clock that file systems take times from. */
  static final long SETTLED_NS = 100_000_000;

  /** Files that are known at most. */
  static final int FILES_MAX = 4096;

  private static final int NODE = 0;
  private static final int ID = 1;
  private static final int SIZE = 2;
  private static final int MODIFIED = 3;
  private static final int CHANGED = 4;
  private static final int SINCE = 5;
  private static final int SETTLED = 6;
  private static final int WORDS = 8;

  private final long[] places = new long[FILES_MAX * WORDS];

  /**
   * Takes note of an open.
   *
   * @param node the kernel's number of the file, not 0; names of one file may have several.
   * @param now its attributes, asked for by this open.
   * @param askedNs when they were asked for, as {@link System#nanoTime} has it.
   * @param answeredNs when they had come.
   * @return whether what the kernel has is of this state.
   */
  synchronized boolean opened(long node, FileAttributes now, long askedNs, long answeredNs) {
    int at = (int) (node & (FILES_MAX - 1)) * WORDS;
    boolean same =
        places[at + NODE] == node
            && places[at + ID] == now.id
            && places[at + SIZE] == now.sizeBytes
            && places[at + MODIFIED] == now.modifiedNs
            && places[at + CHANGED] == now.changedNs;
    if (!same) {
      places[at + NODE] = node;
      places[at + ID] = now.id;
      places[at + SIZE] = now.sizeBytes;
      places[at + MODIFIED] = now.modifiedNs;
      places[at + CHANGED] = now.changedNs;
      places[at + SINCE] = answeredNs;
      places[at + SETTLED] = 0;
      return false;
    }
    if (places[at + SETTLED] != 0) {
      return true;
    }
    places[at + SETTLED] = askedNs - places[at + SINCE] >= SETTLED_NS ? 1 : 0;
    return false;
  }
}

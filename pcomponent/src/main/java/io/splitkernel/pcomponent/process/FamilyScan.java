package io.splitkernel.pcomponent.process;

import java.io.File;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the processes that live in supervised address spaces by asking every process of the machine
 * for its beacon. Control path, a millisecond or so.
 */
final class FamilyScan {
  /** No number is larger, whatever the kernel's setting. */
  private static final int PID_MAX = 1 << 22;

  private final long nonce;

  /**
   * @param nonce of this run's beacons.
   */
  FamilyScan(long nonce) {
    this.nonce = nonce;
  }

  /** Processes of a space. */
  List<Integer> pidsIn(int space) {
    return scan(space);
  }

  /** Processes of all spaces. */
  List<Integer> pids() {
    return scan(Beacon.NONE);
  }

  private List<Integer> scan(int wanted) {
    List<Integer> found = new ArrayList<>();
    try (Beacon beacon = new Beacon(nonce)) {
      String[] names = new File("/proc").list();
      if (names == null) { // no descriptor is left
        for (int pid = 1; pid < PID_MAX; pid++) {
          look(beacon, pid, wanted, found);
        }
        return found;
      }
      for (String name : names) {
        if (Character.isDigit(name.charAt(0))) {
          look(beacon, Integer.parseInt(name), wanted, found);
        }
      }
    }
    return found;
  }

  private static void look(Beacon beacon, int pid, int wanted, List<Integer> found) {
    int space = beacon.spaceOf(pid);
    if (space > 0 && (wanted == Beacon.NONE || space == wanted)) {
      found.add(pid);
    }
  }
}

package io.splitkernel.pcomponent.process;

import java.io.File;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

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
    return scan(number -> number == space).getOrDefault(space, List.of());
  }

  /** Processes of some spaces, by the number of the space. */
  Map<Integer, List<Integer>> pidsIn(Set<Integer> spaces) {
    return scan(spaces::contains);
  }

  /** Processes of all spaces. */
  List<Integer> pids() {
    return scan(number -> true).values().stream().flatMap(List::stream).toList();
  }

  private Map<Integer, List<Integer>> scan(IntPredicate wanted) {
    Map<Integer, List<Integer>> found = new HashMap<>();
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

  private static void look(
      Beacon beacon, int pid, IntPredicate wanted, Map<Integer, List<Integer>> found) {
    int space = beacon.spaceOf(pid);
    if (space > 0 && wanted.test(space)) {
      found.computeIfAbsent(space, number -> new ArrayList<>()).add(pid);
    }
  }
}

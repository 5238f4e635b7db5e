package io.splitkernel.pcomponent.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
    try (Beacon beacon = new Beacon(nonce);
        DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path entry : all) {
        int pid = Integer.parseInt(entry.getFileName().toString());
        int space = beacon.spaceOf(pid);
        if (space > 0 && wanted.test(space)) {
          found.computeIfAbsent(space, number -> new ArrayList<>()).add(pid);
        }
      }
    } catch (IOException e) {
      // what has been found so far is all that can be found
    }
    return found;
  }
}

package io.splitkernel.pcomponent.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    return scan(space);
  }

  /** Processes of all spaces. */
  List<Integer> pids() {
    return scan(Beacon.NONE);
  }

  private List<Integer> scan(int wanted) {
    List<Integer> found = new ArrayList<>();
    try (Beacon beacon = new Beacon(nonce);
        DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path entry : all) {
        int pid = Integer.parseInt(entry.getFileName().toString());
        int space = beacon.spaceOf(pid);
        if (space > 0 && (wanted == Beacon.NONE || space == wanted)) {
          found.add(pid);
        }
      }
    } catch (IOException e) {
      // what has been found so far is all that can be found
    }
    return found;
  }
}

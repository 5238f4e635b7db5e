package io.splitkernel.fabric.shm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this process holds: descriptors and mappings that a fabric can make. */
public final class ProcessResources {
  private ProcessResources() {}

  /** memfds, sockets, eventfds and epolls that are open. */
  public static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(ProcessResources::isOfFabric).count();
    }
  }

  private static boolean isOfFabric(Path link) {
    try {
      String target = Files.readSymbolicLink(link).toString();
      return target.startsWith("/memfd:lego-")
          || target.startsWith("socket:")
          || target.startsWith("anon_inode:");
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  /** Mappings of memfds of fabrics. */
  public static long sharedMappings() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains("/memfd:lego-")).count();
    }
  }
}

package io.splitkernel.scomponent.store;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.agrona.collections.LongHashSet;

/** Adds up what the files of a volume count, once, when it is opened. */
final class TreeScan extends SimpleFileVisitor<Path> {
  private final LongHashSet seen = new LongHashSet();
  private long bytes;

  private TreeScan() {}

  static long chargeOf(Path tree) throws IOException {
    TreeScan scan = new TreeScan();
    Files.walkFileTree(tree, scan);
    return scan.bytes;
  }

  /** A file with several names counts once. */
  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    if (attributes.isRegularFile()) {
      boolean linked = (int) Files.getAttribute(file, "unix:nlink") > 1;
      if (!linked || seen.add((long) Files.getAttribute(file, "unix:ino"))) {
        bytes += Charge.of(CheckedLayout.contentSize(attributes.size()));
      }
    }
    return FileVisitResult.CONTINUE;
  }
}

package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directory of a volume: {@code tree} has its files, {@code tmp} what is being made, {@code
 * volume} its {@link VolumeDescription}.
 */
final class VolumeDirectory {
  private static final long ROOT_ID = 1;

  private VolumeDirectory() {}

  /** Makes an empty one, and returns when it is on the device. */
  static void make(Path path, long quotaBytes) throws IOException {
    Files.createDirectories(path.resolve("tree"));
    Files.createDirectory(path.resolve("tmp"));
    new VolumeDescription(quotaBytes).write(path.resolve("volume"));
    int fd = open(path.resolve("tree"));
    int result = FileIds.set(fd, ROOT_ID);
    FileDescriptor.close(fd);
    if (result == -Errno.EOPNOTSUPP) {
      throw new IOException(
          "the file system of "
              + path
              + " keeps no extended attributes ("
              + Errno.text(result)
              + "); ext4, xfs and btrfs do");
    }
    if (result < 0) {
      throw new StoreException("setxattr(" + path + ")", result);
    }
    sync(path.resolve("tree"));
    sync(path);
  }

  /** What was being made when a process died goes. */
  static void clear(Path path) throws IOException {
    Path temporary = path.resolve("tmp");
    TreeRemoval.remove(temporary);
    Files.createDirectory(temporary);
  }

  /** A descriptor of a directory, the caller's to close. */
  static int open(Path path) throws IOException {
    int flags = LinuxFiles.O_RDONLY | LinuxFiles.O_DIRECTORY;
    int fd = LinuxFiles.openLocal(path.toString(), flags, 0);
    if (fd < 0) {
      throw new StoreException("open(" + path + ")", fd);
    }
    return fd;
  }

  /** Returns when the entries of a directory are on the device. */
  static void sync(Path path) throws IOException {
    int fd = open(path);
    int result = LinuxFiles.sync(fd, false);
    FileDescriptor.close(fd);
    if (result < 0) {
      throw new StoreException("fsync(" + path + ")", result);
    }
  }
}

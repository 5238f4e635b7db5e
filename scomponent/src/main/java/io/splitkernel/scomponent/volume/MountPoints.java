package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Mount points of this machine's volumes, as the kernel tells of them. Any thread. */
public final class MountPoints {
  private static final int UMOUNT2 = 166;
  private static final int MNT_DETACH = 2;
  private static final int OPEN = 2;
  private static final int CLOSE = 3;
  private static final int SYNCFS = 306;
  private static final int O_DIRECTORY_CLOEXEC = 0x90000;
  private static final int FUSERMOUNT_DEADLINE_S = 10;
  private static final String TYPE = "fuse.lego";

  private MountPoints() {}

  /** The kernel's device number of the volume mounted last at a path, "major:minor", or null. */
  static String device(Path mountPoint) throws IOException {
    String found = null;
    String wanted = mountPoint.toString();
    for (String line : Files.readString(Path.of("/proc/self/mountinfo")).lines().toList()) {
      String[] words = line.split(" ");
      int dash = java.util.Arrays.asList(words).indexOf("-");
      if (unescape(words[4]).equals(wanted)) {
        found = words[dash + 1].equals(TYPE) ? words[2] : null;
      }
    }
    return found;
  }

  private static String unescape(String word) {
    StringBuilder out = new StringBuilder();
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    byte[] to = new byte[bytes.length];
    int n = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\\' && i + 3 < bytes.length) {
        to[n++] = (byte) Integer.parseInt(new String(bytes, i + 1, 3, StandardCharsets.UTF_8), 8);
        i += 3;
      } else {
        to[n++] = bytes[i];
      }
    }
    return out.append(new String(to, 0, n, StandardCharsets.UTF_8)).toString();
  }

  /** Whether a volume is mounted at a path, its server process alive or not. */
  public static boolean isMounted(Path mountPoint) throws IOException {
    return device(mountPoint.toAbsolutePath().normalize()) != null;
  }

  /**
   * Takes away a mount, also one whose process is dead.
   *
   * @param mountPoint of it.
   * @param busyToo whether it is taken away even while programs have files of it open, which they
   *     can go on with.
   * @return 0 or a negative error number: -EBUSY, -EINVAL when nothing is mounted there …
   * @throws IOException if fusermount3, which is needed without privileges, cannot be run.
   */
  public static int unmount(Path mountPoint, boolean busyToo) throws IOException {
    long rc;
    try (Arena arena = Arena.ofConfined()) {
      long path = arena.allocateFrom(mountPoint.toString()).address();
      rc = Syscall.call(UMOUNT2, path, busyToo ? MNT_DETACH : 0, 0);
    }
    return rc == -Errno.EPERM ? fusermount(mountPoint, busyToo) : (int) rc;
  }

  private static int fusermount(Path mountPoint, boolean busyToo) throws IOException {
    Process process =
        new ProcessBuilder("fusermount3", busyToo ? "-uz" : "-u", "--", mountPoint.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (process.waitFor(FUSERMOUNT_DEADLINE_S, TimeUnit.SECONDS)) {
        return process.exitValue() == 0 ? 0 : -Errno.EBUSY;
      }
      process.destroyForcibly();
      return -Errno.ETIMEDOUT;
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return -Errno.EINTR;
    }
  }

  /**
   * Ends all requests of a mount with ECONNABORTED or EIO; false where the kernel has no switch.
   */
  static boolean abort(String device) {
    String minor = device.substring(device.indexOf(':') + 1);
    try {
      Files.writeString(Path.of("/sys/fs/fuse/connections", minor, "abort"), "1");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Hands what the kernel has not written yet to the volume; 0 or a negative error number. */
  public static int flush(Path mountPoint) {
    long fd;
    try (Arena arena = Arena.ofConfined()) {
      long path = arena.allocateFrom(mountPoint.toString()).address();
      fd = Syscall.call(OPEN, path, O_DIRECTORY_CLOEXEC, 0);
    }
    if (fd < 0) {
      return (int) fd;
    }
    long rc = Syscall.call(SYNCFS, fd, 0, 0);
    Syscall.call(CLOSE, fd, 0, 0);
    return (int) rc;
  }
}

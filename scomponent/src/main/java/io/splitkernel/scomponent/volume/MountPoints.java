package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Mount points of this machine's volumes, as the kernel tells of them. Any thread. */
public final class MountPoints {
  private static final int UMOUNT2 = 166;
  private static final int MNT_FORCE = 1;
  private static final int MNT_DETACH = 2;
  private static final int STATFS = 137;
  private static final int STATFS_BYTES = 120;
  private static final int FUSERMOUNT_DEADLINE_MS = 10_000;
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
    return device(real(mountPoint)) != null;
  }

  /**
   * Whether a volume is mounted at a path whose server process is gone. Waits for that process if
   * it is alive; says no of a mount that is not for this user.
   */
  public static boolean isDead(Path mountPoint) throws IOException {
    Path path = real(mountPoint);
    if (device(path) == null) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) { // what the kernel never answers by itself
      long text = arena.allocateFrom(path.toString()).address();
      long out = arena.allocate(STATFS_BYTES, Long.BYTES).address();
      return Syscall.call(STATFS, text, out, 0) == -Errno.ENOTCONN;
    }
  }

  /** The path as the kernel tells of it, without links; asks no mount there, it may be dead. */
  static Path real(Path mountPoint) throws IOException {
    Path path = mountPoint.toAbsolutePath().normalize();
    if (path.getParent() == null || !Files.isDirectory(path.getParent())) {
      return path;
    }
    Path inParent = path.getParent().toRealPath().resolve(path.getFileName());
    boolean link = device(inParent) == null && Files.isSymbolicLink(inParent);
    return link && Files.exists(inParent) ? inParent.toRealPath() : inParent;
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
    List<String> command =
        List.of("fusermount3", busyToo ? "-uz" : "-u", "--", mountPoint.toString());
    return run(command, FUSERMOUNT_DEADLINE_MS, -Errno.EBUSY);
  }

  /** Runs a program; 0, or a negative error number, which is the given one when it fails. */
  private static int run(List<String> command, int timeoutMs, int failure) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (process.waitFor(timeoutMs, TimeUnit.MILLISECONDS)) {
        return process.exitValue() == 0 ? 0 : failure;
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
   * Takes a mount away and ends all its requests with ECONNABORTED; those that its process carries
   * out already go on there. The kernel offers two ways, the second also without privileges.
   */
  static void breakOff(Path mountPoint, String device) throws IOException {
    if (device.equals(device(mountPoint))) {
      try (Arena arena = Arena.ofConfined()) {
        long path = arena.allocateFrom(mountPoint.toString()).address();
        if (Syscall.call(UMOUNT2, path, MNT_FORCE | MNT_DETACH, 0) == 0) {
          return;
        }
      }
      fusermount(mountPoint, true);
    }
    String minor = device.substring(device.indexOf(':') + 1);
    Path abort = Path.of("/sys/fs/fuse/connections", minor, "abort");
    if (Files.isWritable(abort)) {
      Files.writeString(abort, "1");
    }
  }

  /** Sets how far the kernel reads ahead in files of a mount; false when it does not let us. */
  static boolean readAhead(String device, int bytes) {
    try {
      Path setting = Path.of("/sys/class/bdi", device, "read_ahead_kb");
      Files.writeString(setting, Integer.toString(bytes >> 10));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Hands what the kernel has not written yet to the volume. As {@link #look}, it asks by way of
   * another process: the server of a mount that is killed while it waits for an answer of its own
   * would stay for ever, and keep the mount from ending.
   *
   * @return 0 or a negative error number.
   */
  public static int flush(Path mountPoint, int timeoutMs) throws IOException {
    return run(List.of("sync", "-f", "--", mountPoint.toString()), timeoutMs, -Errno.EIO);
  }

  /** Asks a mount for a number of names that are not there. */
  static void look(Path mountPoint, int times, int timeoutMs) throws IOException {
    List<String> command = new ArrayList<>(List.of("stat", "--"));
    for (int i = 0; i < times; i++) {
      command.add(mountPoint.resolve(".lego-end-" + i).toString());
    }
    int ignored = run(command, timeoutMs, 0); // that it asked is enough
  }
}

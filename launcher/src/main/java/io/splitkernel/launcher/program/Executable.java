package io.splitkernel.launcher.program;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.launcher.LegoFailure;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks whether execvp(3) will find a program, before anything is started for it. Names are bytes,
 * since the JVM loses those that mean nothing in its locale.
 */
public final class Executable {
  /** Exit status when there is no such program, as shells have it. */
  public static final int NOT_FOUND = 127;

  /** Exit status when the program may not be executed, as shells have it. */
  public static final int NOT_EXECUTABLE = 126;

  private static final String PATH_DEFAULT = "/usr/local/bin:/usr/bin:/bin";
  private static final long SYS_FACCESSAT = 269;
  private static final long SYS_NEWFSTATAT = 262;
  private static final int AT_FDCWD = -100;
  private static final long X_OK = 1;
  private static final int STAT_BYTES = 144;
  private static final int STAT_MODE = 24;
  private static final int TYPE = 0xf000;
  private static final int DIRECTORY = 0x4000;
  private static final int REGULAR = 0x8000;

  private final int directory;

  private Executable(String directory) {
    boolean open = directory.startsWith("@");
    this.directory = open ? Integer.parseInt(directory.substring(1)) : AT_FDCWD;
  }

  /**
   * Looks for a program.
   *
   * @param name as the user wrote it; without a slash it is searched for.
   * @param searchPath value of PATH, or null for the system's default.
   * @param directory where relative names start: {@code @N} for the directory that descriptor N is
   *     open on, else this process's.
   * @throws LegoFailure with status 127 when there is none, 126 when it may not be executed.
   */
  public static void check(byte[] name, byte[] searchPath, String directory) throws LegoFailure {
    if (name.length == 0) {
      throw new LegoFailure(NOT_FOUND, "the program's name is empty");
    }
    Executable files = new Executable(directory);
    String text = new String(name, StandardCharsets.UTF_8);
    if (contains(name, '/')) {
      files.checkFile(name, text);
      return;
    }
    boolean present = false;
    byte[] path =
        searchPath == null ? PATH_DEFAULT.getBytes(StandardCharsets.US_ASCII) : searchPath;
    for (byte[] candidate : candidates(path, name)) {
      if ((files.mode(candidate) & TYPE) == REGULAR) {
        present = true;
        if (files.mayExecute(candidate)) {
          return;
        }
      }
    }
    throw present
        ? new LegoFailure(NOT_EXECUTABLE, text + ": permission denied")
        : new LegoFailure(NOT_FOUND, text + ": not found in PATH");
  }

  private void checkFile(byte[] name, String text) throws LegoFailure {
    int mode = mode(name);
    if (mode == -Errno.ENOENT || mode == -Errno.ENOTDIR) {
      throw new LegoFailure(NOT_FOUND, text + ": no such file");
    }
    // any other error is for the kernel to say again
    if (mode >= 0 && ((mode & TYPE) == DIRECTORY || !mayExecute(name))) {
      throw new LegoFailure(NOT_EXECUTABLE, text + ": not an executable file");
    }
  }

  private static List<byte[]> candidates(byte[] path, byte[] name) {
    List<byte[]> candidates = new ArrayList<>();
    ByteArrayOutputStream candidate = new ByteArrayOutputStream();
    for (int i = 0; i <= path.length; i++) {
      if (i < path.length && path[i] != ':') {
        candidate.write(path[i]);
        continue;
      }
      if (candidate.size() == 0) {
        candidate.write('.');
      }
      candidate.write('/');
      candidate.writeBytes(name);
      candidates.add(candidate.toByteArray());
      candidate.reset();
    }
    return candidates;
  }

  private static boolean contains(byte[] text, char wanted) {
    for (byte b : text) {
      if (b == wanted) {
        return true;
      }
    }
    return false;
  }

  /** Type and permissions of a file, or -errno. */
  private int mode(byte[] name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stat = arena.allocate(STAT_BYTES, 8);
      long path = zeroTerminated(arena, name).address();
      long result = Syscall.call(SYS_NEWFSTATAT, directory, path, stat.address(), 0, 0, 0);
      return result < 0 ? (int) result : stat.get(ValueLayout.JAVA_INT, STAT_MODE);
    }
  }

  private boolean mayExecute(byte[] name) {
    try (Arena arena = Arena.ofConfined()) {
      long path = zeroTerminated(arena, name).address();
      return Syscall.call(SYS_FACCESSAT, directory, path, X_OK) == 0;
    }
  }

  private static MemorySegment zeroTerminated(Arena arena, byte[] name) {
    MemorySegment copy = arena.allocate(name.length + 1L);
    MemorySegment.copy(name, 0, copy, ValueLayout.JAVA_BYTE, 0, name.length);
    return copy;
  }
}

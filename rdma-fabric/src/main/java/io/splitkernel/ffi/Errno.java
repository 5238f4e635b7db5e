package io.splitkernel.ffi;

/** Linux error numbers (errno(3), x86-64) and their texts. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int E2BIG = 7;
  public static final int EBADF = 9;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int EROFS = 30;
  public static final int EMLINK = 31;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENODATA = 61;
  public static final int EOPNOTSUPP = 95;
  public static final int EADDRINUSE = 98;
  public static final int ENOTCONN = 107;
  public static final int ETIMEDOUT = 110;
  public static final int ECONNREFUSED = 111;
  public static final int ESTALE = 116;
  public static final int EDQUOT = 122;

  private Errno() {}

  /**
   * Name and text of a negative system-call result, for messages.
   *
   * @param result {@code -errno}, as {@link Syscall} returns it.
   * @return for example {@code ENOMEM (12) Cannot allocate memory}.
   */
  public static String text(long result) {
    int errno = (int) -result;
    return switch (errno) {
      case EPERM -> "EPERM (1) Operation not permitted";
      case ENOENT -> "ENOENT (2) No such file or directory";
      case ESRCH -> "ESRCH (3) No such process";
      case EINTR -> "EINTR (4) Interrupted system call";
      case EIO -> "EIO (5) Input/output error";
      case ENXIO -> "ENXIO (6) No such device or address";
      case E2BIG -> "E2BIG (7) Argument list too long";
      case EBADF -> "EBADF (9) Bad file descriptor";
      case ECHILD -> "ECHILD (10) No child processes";
      case EAGAIN -> "EAGAIN (11) Resource temporarily unavailable";
      case ENOMEM -> "ENOMEM (12) Cannot allocate memory";
      case EACCES -> "EACCES (13) Permission denied";
      case EFAULT -> "EFAULT (14) Bad address";
      case EBUSY -> "EBUSY (16) Device or resource busy";
      case EEXIST -> "EEXIST (17) File exists";
      case EXDEV -> "EXDEV (18) Invalid cross-device link";
      case ENOTDIR -> "ENOTDIR (20) Not a directory";
      case EISDIR -> "EISDIR (21) Is a directory";
      case EINVAL -> "EINVAL (22) Invalid argument";
      case EMFILE -> "EMFILE (24) Too many open files";
      case ENOTTY -> "ENOTTY (25) Inappropriate ioctl for device";
      case EFBIG -> "EFBIG (27) File too large";
      case ENOSPC -> "ENOSPC (28) No space left on device";
      case EROFS -> "EROFS (30) Read-only file system";
      case EMLINK -> "EMLINK (31) Too many links";
      case ENAMETOOLONG -> "ENAMETOOLONG (36) File name too long";
      case ENOSYS -> "ENOSYS (38) Function not implemented";
      case ENOTEMPTY -> "ENOTEMPTY (39) Directory not empty";
      case ELOOP -> "ELOOP (40) Too many levels of symbolic links";
      case ENODATA -> "ENODATA (61) No data available";
      case EOPNOTSUPP -> "EOPNOTSUPP (95) Operation not supported";
      case EADDRINUSE -> "EADDRINUSE (98) Address already in use";
      case ENOTCONN -> "ENOTCONN (107) Transport endpoint is not connected";
      case ETIMEDOUT -> "ETIMEDOUT (110) Connection timed out";
      case ECONNREFUSED -> "ECONNREFUSED (111) Connection refused";
      case ESTALE -> "ESTALE (116) Stale file handle";
      case EDQUOT -> "EDQUOT (122) Disk quota exceeded";
      default -> "errno " + errno;
    };
  }
}

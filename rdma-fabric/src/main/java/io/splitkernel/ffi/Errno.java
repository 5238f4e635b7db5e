package io.splitkernel.ffi;

/** Linux error numbers (errno(3), x86-64) and their texts. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int EBADF = 9;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EINVAL = 22;
  public static final int EMFILE = 24;
  public static final int ENOSYS = 38;
  public static final int EADDRINUSE = 98;
  public static final int ECONNREFUSED = 111;
  public static final int ETIMEDOUT = 110;

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
      case EBADF -> "EBADF (9) Bad file descriptor";
      case ECHILD -> "ECHILD (10) No child processes";
      case EAGAIN -> "EAGAIN (11) Resource temporarily unavailable";
      case ENOMEM -> "ENOMEM (12) Cannot allocate memory";
      case EACCES -> "EACCES (13) Permission denied";
      case EFAULT -> "EFAULT (14) Bad address";
      case EBUSY -> "EBUSY (16) Device or resource busy";
      case EEXIST -> "EEXIST (17) File exists";
      case EINVAL -> "EINVAL (22) Invalid argument";
      case EMFILE -> "EMFILE (24) Too many open files";
      case ENOSYS -> "ENOSYS (38) Function not implemented";
      case EADDRINUSE -> "EADDRINUSE (98) Address already in use";
      case ECONNREFUSED -> "ECONNREFUSED (111) Connection refused";
      case ETIMEDOUT -> "ETIMEDOUT (110) Connection timed out";
      default -> "errno " + errno;
    };
  }
}

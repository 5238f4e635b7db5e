package io.splitkernel.pcomponent.access;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Userfaultfd;
import java.nio.file.Path;

/**
 * What this process needs to make userfaultfds of the program's processes usable: the device, and a
 * privilege of its own or the helper that has it. Any thread.
 */
public final class UserfaultfdAccess implements AutoCloseable {
  /** Where the administrator's command puts the helper. */
  public static final Path HELPER_DEFAULT = Path.of("/usr/local/libexec/lego/lego-userfaultfd");

  private static final long FEATURES =
      Userfaultfd.FEATURE_PAGEFAULT_FLAG_WP
          | Userfaultfd.FEATURE_EVENT_FORK
          | Userfaultfd.FEATURE_THREAD_ID;

  private final UserfaultfdDevice device = new UserfaultfdDevice();
  private final PrivilegeBroker helper;
  private final boolean privileged = Privileges.own().mayPtrace();

  /**
   * Opens the device when that is possible.
   *
   * @param helper path of the program that has the privilege; it is started when it is needed.
   */
  public UserfaultfdAccess(Path helper) {
    this.helper = new PrivilegeBroker(helper);
  }

  /**
   * {@code /dev/userfaultfd}.
   *
   * @return its descriptor, or {@code -errno}: then there is only the system call.
   */
  public int device() {
    return device.descriptor();
  }

  /**
   * Whether this process may look into those that hide from their own user (PR_SET_DUMPABLE).
   *
   * @return true with CAP_SYS_PTRACE.
   */
  public boolean isPrivileged() {
    return privileged;
  }

  /**
   * Agrees with the kernel on a new userfaultfd's features (UFFDIO_API).
   *
   * @param userfaultfd of any process.
   * @param move whether the kernel has UFFDIO_MOVE.
   * @return 0 or {@code -errno}; -EPERM when neither this process nor a helper has the privilege.
   */
  public int makeReady(int userfaultfd, boolean move) {
    long features = FEATURES | (move ? Userfaultfd.FEATURE_MOVE : 0);
    int result;
    try (Userfaultfd calls = new Userfaultfd()) {
      result = calls.api(userfaultfd, features);
    }
    return result == -Errno.EPERM ? helper.makeReady(userfaultfd) : result;
  }

  @Override
  public void close() {
    device.close();
    helper.close();
  }
}

package io.splitkernel.launcher.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What an idle processor does in a virtual machine. When it halts at once, waking it goes through
 * the hypervisor: a page fault that another processor serves then takes several times as long (see
 * Documentation/virt/guest-halt-polling.rst of Linux).
 */
final class IdlePolicy {
  private static final String DRIVER = "devices/system/cpu/cpuidle/current_driver";
  private static final String LIMIT = "module/haltpoll/parameters/guest_halt_poll_ns";

  private IdlePolicy() {}

  /**
   * Looks at the policy.
   *
   * @param sys where sysfs is mounted.
   * @return the finding.
   */
  static Finding examine(Path sys) {
    String driver = read(sys.resolve(DRIVER));
    if (!driver.equals("haltpoll")) {
      return Finding.yes("idle CPUs", driver.isEmpty() ? "no cpuidle driver" : driver);
    }
    String limit = read(sys.resolve(LIMIT));
    return limit.equals("0")
        ? Finding.limited(
            "idle CPUs",
            "this virtual machine's halt at once: a fault costs two wake-ups by the hypervisor",
            "echo 200000 > " + sys.resolve(LIMIT))
        : Finding.yes("idle CPUs", "haltpoll, " + limit + " ns");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }
}

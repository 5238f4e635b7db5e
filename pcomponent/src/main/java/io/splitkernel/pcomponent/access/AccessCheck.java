package io.splitkernel.pcomponent.access;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Userfaultfd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Tries whether this process may serve page faults of its programs, and finds out what is missing.
 * One instance, one attempt. It changes nothing.
 */
public final class AccessCheck {
  private static final int PTRACE_BY_NOBODY = 3;
  private static final int PTRACE_BY_ROOT = 2;

  private final Path helper;
  private final Privileges privileges = Privileges.own();
  private final List<Answer> answers = new ArrayList<>();

  /**
   * One thing that is needed.
   *
   * @param subject what it is.
   * @param detail how it stands.
   * @param cure what would change that; empty when it is as it should be.
   */
  public record Answer(String subject, String detail, String cure) {
    /**
     * Whether nothing is missing.
     *
     * @return true without a cure.
     */
    public boolean isFine() {
      return cure.isEmpty();
    }
  }

  private AccessCheck(Path helper) {
    this.helper = helper;
  }

  /**
   * Tries.
   *
   * @param helper path of the program that has the privilege which an ordinary user lacks.
   * @return an answer for each thing that is needed.
   */
  public static List<Answer> examine(Path helper) {
    AccessCheck check = new AccessCheck(helper);
    check.tryUserfaultfd();
    check.examinePtrace();
    return check.answers;
  }

  /**
   * What is missing, in one line.
   *
   * @param answers from {@link #examine}.
   * @return empty when nothing is.
   */
  public static String obstacle(List<Answer> answers) {
    List<Answer> lacks = answers.stream().filter(answer -> !answer.isFine()).toList();
    return lacks.isEmpty()
        ? ""
        : lacks.getFirst().detail()
            + ": "
            + lacks.stream().map(Answer::cure).distinct().collect(Collectors.joining("; and "));
  }

  private void tryUserfaultfd() {
    try (Userfaultfd calls = new Userfaultfd();
        UserfaultfdAccess access = new UserfaultfdAccess(helper)) {
      int own = calls.open();
      if (own < 0) {
        answers.add(DeviceFile.lack(own));
        answers.add(privilege(HelperFile.lack(helper, privileges)));
        return;
      }
      String how = access.device() >= 0 ? "/dev/userfaultfd" : "the system call";
      answers.add(new Answer("userfaultfd", how, ""));
      int result = access.makeReady(own, false);
      FileDescriptor.close(own);
      answers.add(result == 0 ? privilege(null) : privilege(refused(result)));
    }
  }

  private Answer privilege(Answer lack) {
    String how = privileges.mayPtrace() ? "CAP_SYS_PTRACE" : "by " + helper;
    return lack == null ? new Answer("fork events", how, "") : lack;
  }

  private Answer refused(int result) {
    Answer lack = HelperFile.lack(helper, privileges);
    if (lack != null) {
      return lack;
    }
    return result == -Errno.EPERM
        ? new Answer(
            "fork events",
            helper + " has no privilege where it is started",
            "start Lego outside of user namespaces and debuggers, and the helper from a file system"
                + " that is not mounted nosuid (setting userfaultfd-helper)")
        : new Answer("fork events", "UFFDIO_API: " + Errno.text(result), "Linux 6.8 or newer");
  }

  private void examinePtrace() {
    int scope = Privileges.ptraceScope();
    if (scope >= PTRACE_BY_NOBODY) {
      answers.add(
          new Answer(
              "ptrace",
              "kernel.yama.ptrace_scope is 3: nobody may trace",
              "boot without that setting"));
    } else if (scope == PTRACE_BY_ROOT && !privileges.mayPtrace()) {
      answers.add(
          new Answer(
              "ptrace",
              "kernel.yama.ptrace_scope is 2: only root may trace",
              "ask the administrator for 'sysctl kernel.yama.ptrace_scope=1'"));
    } else {
      String how = privileges.mayPtrace() ? "CAP_SYS_PTRACE" : "for your own programs";
      answers.add(new Answer("ptrace", how, ""));
    }
  }
}

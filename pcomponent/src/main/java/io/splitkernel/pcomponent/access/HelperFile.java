package io.splitkernel.pcomponent.access;

import io.splitkernel.ffi.FileCapability;
import io.splitkernel.pcomponent.access.AccessCheck.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;

/** Why the helper cannot be started, or has no privilege when it is. */
final class HelperFile {
  private HelperFile() {}

  /** Null when nothing is wrong with the file, or it is not needed. */
  static Answer lack(Path helper, Privileges own) {
    if (own.mayPtrace()) {
      return null;
    }
    if (own.gainsNothing()) {
      return answer(
          "no_new_privs is set, so no program can gain a privilege",
          "start Lego outside of what sets it (NoNewPrivileges of a service, another lego run)");
    }
    if (!own.mayGainPtrace()) {
      return answer(
          "CAP_SYS_PTRACE is out of reach", "in a container, start it with --cap-add SYS_PTRACE");
    }
    if (!Files.exists(helper)) {
      return answer("there is no " + helper, DeviceFile.GRANT);
    }
    if (!Files.isExecutable(helper)) {
      return answer("only others may execute " + helper, toExecute(helper));
    }
    return FileCapability.has(helper, FileCapability.SYS_PTRACE)
        ? null
        : answer(
            helper + " has lost its capability",
            "ask the administrator for 'lego grant --group GROUP' again, run as root");
  }

  private static String toExecute(Path helper) {
    try {
      String group = Files.readAttributes(helper, PosixFileAttributes.class).group().getName();
      return DeviceFile.membership(System.getProperty("user.name"), group);
    } catch (IOException e) {
      return DeviceFile.GRANT;
    }
  }

  private static Answer answer(String detail, String cure) {
    return new Answer("fork events", detail, cure);
  }
}

package io.splitkernel.pcomponent.access;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.access.AccessCheck.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;

/** Why {@code /dev/userfaultfd} cannot be opened. */
final class DeviceFile {
  /** What the administrator is to be asked for where nothing is set up. */
  static final String GRANT =
      "ask the administrator for 'lego grant --group GROUP', run as root, and to be in that group";

  private static final String ROOT = "root";

  private DeviceFile() {}

  /** The answer after a failed attempt. */
  static Answer lack(int result) {
    return lack(Path.of("/dev/userfaultfd"), System.getProperty("user.name"), result);
  }

  static Answer lack(Path device, String user, int result) {
    if (!Files.exists(device)) {
      return answer(
          "there is no " + device + ", and userfaultfd(2) answers " + Errno.text(result),
          "run on Linux 6.1 or newer; in a container, with --device " + device);
    }
    String group = groupWithAccess(device);
    return group == null
        ? answer(device + " is for root alone", GRANT)
        : answer(device + " is for the group " + group, membership(user, group));
  }

  /** How to become a member of a group. */
  static String membership(String user, String group) {
    return "ask the administrator for 'usermod -aG %s %s', then log in again"
        .formatted(group, user);
  }

  private static String groupWithAccess(Path device) {
    try {
      PosixFileAttributes file = Files.readAttributes(device, PosixFileAttributes.class);
      boolean open =
          file.permissions().contains(PosixFilePermission.GROUP_READ)
              && file.permissions().contains(PosixFilePermission.GROUP_WRITE);
      String group = file.group().getName();
      return open && !group.equals(ROOT) ? group : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static Answer answer(String detail, String cure) {
    return new Answer("userfaultfd", detail, cure);
  }
}

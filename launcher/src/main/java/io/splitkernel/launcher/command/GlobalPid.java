package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.NodeIdentity;

/** Global pids as people write them: NODE.PID. */
final class GlobalPid {
  private GlobalPid() {}

  static String text(long globalPid) {
    return NodeIdentity.nodeOf(globalPid) + "." + (globalPid & 0xFFFF_FFFFL);
  }

  static long parse(String text) throws LegoFailure {
    try {
      int dot = text.indexOf('.');
      long node = Long.parseLong(text.substring(0, Math.max(dot, 0)));
      int pid = Integer.parseInt(text.substring(dot + 1));
      if (node < 1 || node > 0xFFFF_FFFFL || pid < 1) {
        throw new NumberFormatException(text);
      }
      return NodeIdentity.spaceId(node, pid);
    } catch (NumberFormatException e) {
      throw new LegoFailure(
          LegoFailure.USAGE, "'" + text + "' is not NODE.PID; 'lego ps' lists them", e);
    }
  }
}

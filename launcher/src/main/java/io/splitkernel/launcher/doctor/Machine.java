package io.splitkernel.launcher.doctor;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.providers.FabricProviders;
import io.splitkernel.fabric.verbs.VerbsDevice;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.launcher.root.MountTools;
import io.splitkernel.launcher.settings.Size;
import io.splitkernel.pcomponent.access.AccessCheck;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Examines this machine. It changes nothing. One thread. */
public final class Machine {
  private static final long SYS_SECCOMP = 317;
  private static final long SECCOMP_GET_NOTIF_SIZES = 3;
  private static final long SHM_WISHED_BYTES = 64L << 20;

  private Machine() {}

  /**
   * Looks at everything that Lego needs or can use.
   *
   * @param privilegeHelper program that has the privilege which an ordinary user lacks.
   * @return the findings, what matters most first.
   */
  public static List<Finding> examine(Path privilegeHelper) {
    List<Finding> findings = new ArrayList<>();
    findings.add(architecture());
    findings.add(kernel(System.getProperty("os.version", "")));
    AccessCheck.examine(privilegeHelper).forEach(answer -> findings.add(access(answer)));
    findings.add(seccomp());
    findings.add(memlock());
    findings.add(sharedMemory());
    findings.add(rdmaDevices());
    findings.add(Finding.yes("fabric", FabricProviders.choice(FabricProviders.AUTO, "")));
    findings.add(fuse());
    findings.add(IdlePolicy.examine(Path.of("/sys")));
    return findings;
  }

  /**
   * Whether {@code lego run} can work.
   *
   * @param findings from {@link #examine}.
   * @return false when one of them is a plain no.
   */
  public static boolean canRun(List<Finding> findings) {
    return findings.stream().noneMatch(f -> f.verdict() == Finding.Verdict.NO);
  }

  private static Finding architecture() {
    String arch = System.getProperty("os.arch", "");
    return arch.equals("amd64")
        ? Finding.yes("architecture", "x86-64")
        : Finding.no("architecture", arch, "unmodified programs run on x86-64 machines only");
  }

  static Finding kernel(String version) {
    Matcher matcher = Pattern.compile("^(\\d+)\\.(\\d+)").matcher(version);
    if (!matcher.find()) {
      return Finding.limited("kernel", "version '" + version + "' not understood", "Linux 6.8");
    }
    int major = Integer.parseInt(matcher.group(1));
    int minor = Integer.parseInt(matcher.group(2));
    long number = major * 1000L + minor;
    if (number >= 6008) {
      return Finding.yes("kernel", version + ", has UFFDIO_MOVE");
    }
    if (number >= 5019) {
      return Finding.limited(
          "kernel",
          version + " has no UFFDIO_MOVE: pages pinned for I/O cannot be recognised when evicted",
          "Linux 6.8 or newer");
    }
    return Finding.no(
        "kernel",
        version + " lacks userfaultfd write-protection and seccomp notification as needed",
        "Linux 6.8 or newer");
  }

  private static Finding access(AccessCheck.Answer answer) {
    return answer.isFine()
        ? Finding.yes(answer.subject(), answer.detail())
        : Finding.no(answer.subject(), answer.detail(), answer.cure());
  }

  private static Finding seccomp() {
    try {
      String actions = Files.readString(Path.of("/proc/sys/kernel/seccomp/actions_avail"));
      return actions.contains("user_notif")
          ? Finding.yes("seccomp", "user notification")
          : Finding.no("seccomp", "no user notification", "a kernel with CONFIG_SECCOMP_FILTER");
    } catch (IOException e) {
      long result = Syscall.call(SYS_SECCOMP, SECCOMP_GET_NOTIF_SIZES, 0, 0);
      return result == -Errno.ENOSYS || result == -Errno.EINVAL
          ? Finding.no(
              "seccomp",
              "seccomp(SECCOMP_GET_NOTIF_SIZES): " + Errno.text(result),
              "a kernel with CONFIG_SECCOMP_FILTER; in a container, one that allows seccomp(2)")
          : Finding.yes("seccomp", "user notification");
    }
  }

  private static Finding memlock() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith("Max locked memory")) {
          String soft = line.substring("Max locked memory".length()).strip().split("\\s+")[0];
          return soft.equals("unlimited")
              ? Finding.yes("memlock", "unlimited")
              : Finding.limited(
                  "memlock",
                  Size.rounded(Long.parseLong(soft))
                      + "; verbs registers memory against this limit",
                  "ulimit -l unlimited, or memlock in /etc/security/limits.conf");
        }
      }
    } catch (IOException | NumberFormatException e) {
      // falls through: the limit is unknown
    }
    return Finding.limited("memlock", "unknown", "mount /proc");
  }

  private static Finding sharedMemory() {
    try {
      FileStore store = Files.getFileStore(Path.of("/dev/shm"));
      long free = store.getUsableSpace();
      return free >= SHM_WISHED_BYTES
          ? Finding.yes("/dev/shm", Size.rounded(free) + " free")
          : Finding.limited(
              "/dev/shm", Size.rounded(free) + " free", "mount -o remount,size=1g /dev/shm");
    } catch (IOException e) {
      return Finding.limited("/dev/shm", "absent", "mount -t tmpfs tmpfs /dev/shm");
    }
  }

  private static Finding rdmaDevices() {
    String obstacle = VerbsDevice.noneUsable("");
    if (!obstacle.isEmpty()) {
      String[] parts = obstacle.split("; ", 2);
      return Finding.limited(
          "RDMA",
          parts[0] + "; one machine works without, by shared memory",
          parts.length == 2 ? parts[1] : "see lego devices");
    }
    try {
      List<String> usable =
          VerbsDevice.all().stream()
              .filter(each -> each.obstacle().isEmpty())
              .map(each -> each.name() + " at " + each.addresses().getFirst().getHostAddress())
              .toList();
      return Finding.yes("RDMA", String.join(", ", usable));
    } catch (FabricException e) {
      return Finding.limited("RDMA", e.getMessage(), "see lego devices");
    }
  }

  private static Finding fuse() {
    Path device = Path.of("/dev/fuse");
    if (!Files.isReadable(device) || !Files.isWritable(device)) {
      return Finding.limited(
          "FUSE",
          Files.exists(device) ? "/dev/fuse is not yours to open" : "no /dev/fuse",
          "for mounts of volumes: modprobe fuse; in a container, --device /dev/fuse");
    }
    return MountTools.isRoot() || MountTools.isInPath("fusermount3")
        ? Finding.yes("FUSE", "/dev/fuse")
        : Finding.limited(
            "FUSE", "no fusermount3, which mounts for users", "install the package fuse3");
  }
}

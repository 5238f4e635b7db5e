package io.splitkernel.launcher.grant;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileCapability;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.shims.NativeParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.function.Consumer;

/**
 * Installs the helper with its file capability, for one group, and opens {@code /dev/userfaultfd}
 * for that group, now and at each boot.
 */
public final class Grant {
  private static final String HELPER = "usr/local/libexec/lego/lego-userfaultfd";
  private static final String RULE = "etc/udev/rules.d/60-lego-userfaultfd.rules";
  private static final String DEVICE = "dev/userfaultfd";
  private static final String OWNER = "root";

  private final Path helper;
  private final Path rule;
  private final Path device;
  private final Consumer<String> says;

  /**
   * @param root directory that stands for {@code /}.
   * @param says gets a line for each thing that is done.
   */
  public Grant(Path root, Consumer<String> says) {
    this.helper = root.resolve(HELPER);
    this.rule = root.resolve(RULE);
    this.device = root.resolve(DEVICE);
    this.says = says;
  }

  /**
   * Gives it. What is there is replaced.
   *
   * @param group that exists.
   * @throws LegoFailure when the file system refuses.
   */
  public void give(String group) throws LegoFailure {
    try {
      installHelper(group);
      Files.createDirectories(rule.getParent());
      Files.writeString(
          rule,
          "# written by 'lego grant'\nKERNEL==\"userfaultfd\", SUBSYSTEM==\"misc\", GROUP=\"%s\", MODE=\"0660\"\n"
              .formatted(group));
      says.accept(rule + ": /dev/userfaultfd is for group " + group + " at each boot");
      if (Files.exists(device)) {
        own(device, group, "rw-rw----");
        says.accept(device + ": is for group " + group + " now");
      } else {
        says.accept(device + ": is not there; Linux has it since 6.1");
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Takes it back. What is not there is passed over.
   *
   * @throws LegoFailure when the file system refuses.
   */
  public void take() throws LegoFailure {
    try {
      for (Path file : new Path[] {helper, rule}) {
        if (Files.deleteIfExists(file)) {
          says.accept(file + ": removed");
        }
      }
      if (Files.exists(device)) {
        own(device, OWNER, "rw-------");
        says.accept(device + ": is for root alone now");
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Nobody can execute it before it is whole. */
  private void installHelper(String group) throws IOException, LegoFailure {
    Files.createDirectories(helper.getParent());
    Path fresh = Files.createTempFile(helper.getParent(), "lego", ".new");
    try {
      Files.write(fresh, NativeParts.bytes("lego-userfaultfd"));
      own(fresh, group, "rwxr-x---");
      long result = FileCapability.set(fresh, FileCapability.SYS_PTRACE);
      if (result < 0) {
        throw new LegoFailure(
            LegoFailure.FAILURE,
            helper
                + " cannot be given CAP_SYS_PTRACE: "
                + Errno.text(result)
                + "; the file system must have extended attributes, and root CAP_SETFCAP");
      }
      Files.move(
          fresh, helper, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
    says.accept(helper + ": installed for group " + group + ", with CAP_SYS_PTRACE");
  }

  private static void own(Path file, String group, String permissions) throws IOException {
    UserPrincipalLookupService names = file.getFileSystem().getUserPrincipalLookupService();
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    view.setOwner(names.lookupPrincipalByName(OWNER));
    view.setGroup(names.lookupPrincipalByGroupName(group));
    view.setPermissions(PosixFilePermissions.fromString(permissions));
  }

  private static LegoFailure failure(IOException e) {
    return new LegoFailure(LegoFailure.FAILURE, e.toString(), e);
  }
}

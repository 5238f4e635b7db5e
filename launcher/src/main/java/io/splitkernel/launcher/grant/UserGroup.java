package io.splitkernel.launcher.grant;

import io.splitkernel.launcher.LegoFailure;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** A group of users by its name. */
public final class UserGroup {
  /** What groupadd(8) takes; nothing in it has a meaning for udev. */
  private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");

  private UserGroup() {}

  /**
   * Makes a group unless there is one.
   *
   * @param name of the group.
   * @param says gets a line when it was made.
   * @throws LegoFailure when it cannot be one, or could not be made.
   */
  public static void ensure(String name, Consumer<String> says) throws LegoFailure {
    if (!NAME.matcher(name).matches()) {
      throw new LegoFailure(LegoFailure.USAGE, "'" + name + "' cannot be the name of a group");
    }
    try {
      if (!exists(name)) {
        make(name);
        says.accept("group " + name + ": made");
      }
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, "group " + name + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LegoFailure(LegoFailure.FAILURE, "interrupted", e);
    }
  }

  private static boolean exists(String name) throws IOException {
    try {
      FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
      return true;
    } catch (UserPrincipalNotFoundException e) {
      return false;
    }
  }

  private static void make(String name) throws IOException, InterruptedException, LegoFailure {
    int status = new ProcessBuilder("groupadd", "--system", name).inheritIO().start().waitFor();
    if (status != 0) {
      throw new LegoFailure(
          LegoFailure.FAILURE, "groupadd " + name + " has failed; make the group, and try again");
    }
  }
}

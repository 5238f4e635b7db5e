package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.grant.Grant;
import io.splitkernel.launcher.grant.UserGroup;
import io.splitkernel.launcher.root.MountTools;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lego grant}. */
@Command(
    name = "grant",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Lets the members of a group use Lego without root. To be run by root, once on each machine:",
      "it installs the helper /usr/local/libexec/lego/lego-userfaultfd with CAP_SYS_PTRACE as its",
      "file capability, and opens /dev/userfaultfd for the group, now and (a udev rule) at each",
      "boot. It says what it does. docs/rootless.md tells what the group's members can do then."
    },
    footer = {
      "",
      "Examples:",
      "  sudo lego grant --group lego && sudo usermod -aG lego alice",
      "  sudo lego grant --remove"
    })
final class GrantCommand implements Callable<Integer> {
  @ArgGroup(multiplicity = "1")
  private Choice choice;

  static final class Choice {
    @Option(
        names = "--group",
        paramLabel = "NAME",
        description = "The group; it is made when there is none.")
    private String group;

    @Option(names = "--remove", description = "Takes everything back, except the group.")
    private boolean remove;
  }

  @Override
  public Integer call() throws LegoFailure {
    if (!MountTools.isRoot()) {
      throw new LegoFailure(LegoFailure.FAILURE, "only root can grant this: sudo lego grant ...");
    }
    Grant grant = new Grant(Path.of("/"), System.out::println);
    if (choice.remove) {
      grant.take();
      return 0;
    }
    UserGroup.ensure(choice.group, System.out::println);
    grant.give(choice.group);
    System.out.println(
        "members of the group from their next login on: usermod -aG " + choice.group + " USER");
    return 0;
  }
}

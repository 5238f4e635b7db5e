package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.doctor.Finding;
import io.splitkernel.launcher.doctor.Machine;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code lego doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Says what this machine can do; each \"no\" comes with its cure.",
    footer = {"", "Exit status: 0 when 'lego run' can work here, 1 when not."})
final class DoctorCommand implements Callable<Integer> {

  @Override
  public Integer call() throws LegoFailure {
    Settings settings = Settings.load(System.getenv(), MachineDefaults.of(System.getenv()));
    List<Finding> findings = Machine.examine(settings.path(Setting.USERFAULTFD_HELPER));
    for (Finding finding : findings) {
      System.out.printf(
          Locale.ROOT, "%-13s %-8s %s%n", finding.subject(), word(finding), finding.detail());
      if (!finding.cure().isEmpty()) {
        System.out.printf(Locale.ROOT, "%-13s %-8s cure: %s%n", "", "", finding.cure());
      }
    }
    boolean able = Machine.canRun(findings);
    System.out.println(able ? "'lego run' can work here" : "'lego run' cannot work here");
    return able ? 0 : LegoFailure.FAILURE;
  }

  private static String word(Finding finding) {
    return switch (finding.verdict()) {
      case YES -> "yes";
      case LIMITED -> "limited";
      case NO -> "no";
    };
  }
}

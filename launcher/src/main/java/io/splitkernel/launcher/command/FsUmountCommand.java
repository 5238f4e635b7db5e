package io.splitkernel.launcher.command;

import io.splitkernel.ffi.Errno;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.cluster.RunDirectory;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.scomponent.volume.MountPoints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lego fs umount}. */
@Command(
    name = "umount",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Ends a mount of a volume, also one whose process was killed.",
    footer = {"", "Example:", "  lego fs umount /mnt/data"})
final class FsUmountCommand implements Callable<Integer> {
  @Option(names = "--lazy", description = "Although files of it are in use.")
  private boolean lazy;

  @Parameters(paramLabel = "DIR", description = "Where it is mounted.")
  private Path directory;

  @Override
  public Integer call() throws LegoFailure {
    try {
      if (!MountPoints.isMounted(directory)) {
        throw new LegoFailure(LegoFailure.FAILURE, directory + ": no volume is mounted there");
      }
      int result = MountPoints.unmount(directory, lazy || MountPoints.isDead(directory));
      if (result < 0) {
        String cure = result == -Errno.EBUSY ? "; files of it are in use, see --lazy" : "";
        throw new LegoFailure(LegoFailure.FAILURE, directory + ": " + Errno.text(result) + cure);
      }
      MachineDefaults machine = MachineDefaults.of(System.getenv());
      RunDirectory.onUnmounted(Settings.load(System.getenv(), machine), directory);
      return 0;
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, directory + ": " + e.getMessage(), e);
    }
  }
}

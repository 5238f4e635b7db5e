package io.splitkernel.launcher.command;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.scomponent.volume.MountSettings;
import io.splitkernel.scomponent.volume.VolumeMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lego fs mount}. */
@Command(
    name = "mount",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Shows a volume as a directory, in the foreground, by FUSE.",
      "Prints \"mounted DIR\" when it is there; ends with SIGTERM, or when it is unmounted."
    },
    footer = {"", "Example:", "  lego fs mount data /mnt/data &"})
final class FsMountCommand implements Callable<Integer> {
  private static final long LOOK_MS = 3_600_000;

  @Mixin private StorageConnection storage;

  @Option(names = "--allow-other", description = "For all users of this machine.")
  private boolean allowOther;

  @Option(names = "--read-only", description = "Nothing can be changed by way of this mount.")
  private boolean readOnly;

  @Parameters(index = "0", paramLabel = "VOLUME", description = "Its name.")
  private String name;

  @Parameters(index = "1", paramLabel = "DIR", description = "Existing directory.")
  private Path directory;

  @Override
  public Integer call() throws LegoFailure {
    return storage.run(clients -> {
      Volume volume = clients.volume(name);
      volume.lookup("/", 0, new FileAttributes());
      MountSettings settings =
          MountSettings.of(directory, name).withAllowOther(allowOther).withReadOnly(readOnly);
      try (VolumeMount mount = VolumeMount.mount(volume, settings)) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(mount), "lego-unmount"));
        System.out.println("mounted " + directory);
        System.out.flush();
        await(mount);
      }
    });
  }

  private static void await(VolumeMount mount) {
    try {
      boolean ended = false;
      while (!ended) {
        ended = mount.awaitEnd(LOOK_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void close(VolumeMount mount) {
    try {
      mount.close();
    } catch (IOException e) {
      System.err.println("lego fs mount: " + e.getMessage());
    }
  }
}

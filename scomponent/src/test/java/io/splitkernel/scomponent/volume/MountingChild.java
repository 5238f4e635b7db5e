package io.splitkernel.scomponent.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A process that mounts a {@link ModelVolume}, to be killed. */
final class MountingChild {
  private MountingChild() {}

  /** Starts one; returns when it has mounted, fails when it ends before. */
  static Process start(Path point) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        List.of(
            java,
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            MountingChild.class.getName(),
            point.toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    if (process.getInputStream().read() != 'm') {
      process.destroyForcibly();
      throw new IOException("the child did not mount");
    }
    return process;
  }

  public static void main(String[] args) throws Exception {
    Path point = Path.of(args[0]);
    try (VolumeMount mount =
        VolumeMount.mount(new ModelVolume(), MountSettings.of(point, "child"))) {
      Files.exists(point.resolve("first"));
      System.out.write('m');
      System.out.flush();
      boolean ignored = mount.awaitEnd(100_000);
    }
  }
}

package io.splitkernel.scomponent.volume;

import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.scomponent.store.DirectoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that mounts a {@link ModelVolume}, or a volume of a store, to be killed. It unmounts
 * when its input ends.
 */
final class MountingChild {
  static final String VOLUME = "child";

  private MountingChild() {}

  /** Starts one with a volume in its heap; returns when it has mounted. */
  static Process start(Path point) throws IOException {
    return start(List.of(), System.getProperty("java.class.path"), point.toString());
  }

  /** Starts one with the volume of a store. */
  static Process start(Path point, Path store) throws IOException {
    String classPath = System.getProperty("java.class.path");
    return start(List.of(), classPath, point.toString(), store.toString());
  }

  /** Starts one by way of another program; fails when it ends before it has mounted. */
  static Process start(List<String> by, String classPath, String... arguments) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command = new ArrayList<>(by);
    command.addAll(
        List.of(
            java,
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-Xmx128m",
            "-cp",
            classPath,
            MountingChild.class.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    if (process.getInputStream().read() != 'm') {
      process.destroyForcibly();
      throw new IOException("the child did not mount");
    }
    return process;
  }

  public static void main(String[] args) throws Exception {
    if (args.length == 1) {
      ModelVolume volume = new ModelVolume();
      int uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      volume.change("/", 0, AttributeChange.owner(uid, uid), new FileAttributes());
      serve(Path.of(args[0]), volume);
      return;
    }
    try (DirectoryStore store = DirectoryStore.open(Path.of(args[1]))) {
      store.makeVolume(VOLUME, 0);
      serve(Path.of(args[0]), store.volume(VOLUME));
    }
  }

  private static void serve(Path point, Volume volume) throws Exception {
    try (VolumeMount mount = VolumeMount.mount(volume, MountSettings.of(point, VOLUME))) {
      Files.exists(point.resolve("first"));
      System.out.write('m');
      System.out.flush();
      while (System.in.read() >= 0 && !mount.awaitEnd(0)) {}
    }
  }
}

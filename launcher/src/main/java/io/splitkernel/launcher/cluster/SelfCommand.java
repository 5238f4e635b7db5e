package io.splitkernel.launcher.cluster;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start another process of this very distribution, with the same JVM and its arguments. */
final class SelfCommand {
  private static final String MAIN = "io.splitkernel.launcher.Lego";

  private SelfCommand() {}

  /**
   * The command line up to where a subcommand follows.
   *
   * @return the words.
   * @throws IOException when /proc cannot be read.
   */
  static List<String> words() throws IOException {
    String commandLine =
        new String(Files.readAllBytes(Path.of("/proc/self/cmdline")), StandardCharsets.ISO_8859_1);
    List<String> all = List.of(commandLine.split("\0"));
    int jar = all.indexOf("-jar");
    if (jar > 0 && jar + 1 < all.size()) {
      List<String> words = new ArrayList<>(all.subList(0, jar + 2));
      // A component handles its own signals, and only one process may record a training run.
      words.removeIf(word -> word.equals("-Xrs") || word.startsWith("-XX:AOTCacheOutput"));
      return words;
    }
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    return words;
  }
}

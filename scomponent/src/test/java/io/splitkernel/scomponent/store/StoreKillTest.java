package io.splitkernel.scomponent.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.FileAttributes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 while volumes are made, taken under new epochs and removed. */
@Timeout(120)
class StoreKillTest {
  private static final int KILLS = 4;

  @TempDir Path root;
  private final Map<String, List<Integer>> told = new HashMap<>();
  private int next;

  @Test
  void shouldFindWhatWasToldAndNothingHalfMade() throws Exception {
    Random random = new Random(20261128);
    for (int kill = 0; kill < KILLS; kill++) {
      told.clear();
      runAndKill(5 + random.nextInt(30));
      try (DirectoryStore store = DirectoryStore.open(root)) {
        checkAll(store);
      }
      checkNothingIsLeft(root.resolve("volumes"));
      checkNothingIsLeft(root.resolve("epochs"));
    }
  }

  private void runAndKill(int lines) throws Exception {
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(StoreChild.class.getName(), root.toString(), "" + next));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader output = child.inputReader(StandardCharsets.UTF_8)) {
      String line = output.readLine();
      for (int i = 0; line != null; i++) {
        if (i == lines) {
          child.toHandle().destroyForcibly(); // the output stays readable
        }
        String[] words = line.split(" ");
        told.computeIfAbsent(words[0], w -> new ArrayList<>()).add(Integer.parseInt(words[1]));
        line = output.readLine();
      }
    } finally {
      child.destroyForcibly();
      assertTrue(child.waitFor(30, TimeUnit.SECONDS));
    }
    int made = told.getOrDefault("made", List.of()).size();
    assertTrue(made >= lines / 3, "it ended by itself after " + made);
  }

  private void checkAll(DirectoryStore store) {
    List<Integer> removed = told.getOrDefault("removed", List.of());
    List<Integer> taken = told.getOrDefault("taken", List.of());
    for (int number : told.get("made")) {
      next = Math.max(next, number + 2);
      String name = StoreChild.name(number);
      DirectoryVolume volume = (DirectoryVolume) store.volume(name);
      boolean mayBeGone = number % 2 == 0 && taken.contains(number);
      if (volume == null && mayBeGone) {
        continue;
      }
      assertFalse(removed.contains(number), name + " was removed");
      assertNotNull(volume, name);
      assertEquals(number + 1, volume.quotaBytes());
      assertEquals(0, volume.lookup("/", 0, new FileAttributes()));
      if (taken.contains(number)) {
        assertEquals(-Errno.ESTALE, store.use(name).enter(StoreChild.EPOCH));
      }
    }
  }

  private static void checkNothingIsLeft(Path directory) throws IOException {
    try (var left = Files.list(directory)) {
      assertEquals(
          List.of(), left.filter(p -> p.getFileName().toString().startsWith(".")).toList());
    }
  }
}

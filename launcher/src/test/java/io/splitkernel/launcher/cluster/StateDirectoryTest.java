package io.splitkernel.launcher.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class StateDirectoryTest {
  @TempDir private Path directory;
  private Path path;
  private Settings settings;
  private StateDirectory state;

  @BeforeEach
  void open() throws LegoFailure {
    path = directory.resolve("state");
    settings =
        Settings.load(Map.of("HOME", "/nowhere"), MachineDefaults.of(Map.of()))
            .withFlag(Setting.STATE_DIR, path.toString());
    state = StateDirectory.of(settings);
  }

  @Test
  void shouldBeReadableByItsOwnerOnly() throws Exception {
    state.create();
    state.writeSecret("of the cluster");
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(state.secretFile().orElseThrow())));
  }

  @Test
  void shouldRefuseADirectoryThatOthersCanEnter() throws Exception {
    Files.createDirectory(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    LegoFailure failure = assertThrows(LegoFailure.class, state::create);
    assertTrue(failure.getMessage().contains(path.toString()), failure.getMessage());
  }

  @Test
  void shouldRefuseALinkInItsPlace() throws Exception {
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    Files.createSymbolicLink(path, elsewhere);
    assertThrows(LegoFailure.class, state::create);
  }

  @Test
  void shouldForgetProcessesThatHaveEndedOrWhoseNumberIsTakenByAnother() throws Exception {
    state.create();
    Process child = new ProcessBuilder("sleep", "60").start();
    try {
      ProcessIdentity alive = ProcessIdentity.of("alive", child.pid());
      ProcessIdentity impostor =
          new ProcessIdentity("impostor", child.pid(), alive.startTicks() - 1);
      state.writeComponents(List.of(impostor, alive));
      assertEquals(List.of(alive), state.alive());
    } finally {
      child.destroyForcibly();
    }
    assertTrue(child.waitFor(30, TimeUnit.SECONDS));
    assertEquals(List.of(), state.alive());
  }

  @Test
  void shouldLeaveNothingWhenRemoved() throws Exception {
    state.create();
    state.writeMonitor("127.0.0.1:1");
    assertEquals(Optional.of("127.0.0.1:1"), state.monitor());
    state.remove();
    state.remove();
    assertFalse(state.exists());
    assertEquals(Optional.empty(), state.monitor());
  }

  @Test
  void shouldCleanUpWhenOnlyTheStateOfADeadClusterIsLeft() throws Exception {
    state.create();
    state.writeSecret("of a cluster that was killed");
    state.writeComponents(List.of(new ProcessIdentity("monitor", 1 << 22, 1)));
    assertEquals(0, new LocalCluster(settings).down());
    assertFalse(state.exists());
  }
}

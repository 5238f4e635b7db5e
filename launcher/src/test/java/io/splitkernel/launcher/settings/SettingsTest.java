package io.splitkernel.launcher.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.launcher.LegoFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SettingsTest {
  private static final MachineDefaults MACHINE =
      new MachineDefaults(
          8L << 30, Path.of("/run/nobody/lego"), Path.of("/home/nobody/.local/share/lego"));

  @TempDir private Path home;
  private Path file;

  @BeforeEach
  void writeFile() throws IOException {
    file = home.resolve("lego.properties");
    Files.writeString(file, "cache=3m\nfabric=shm\n");
  }

  @Test
  void shouldPreferFlagThenEnvironmentThenFileThenDefault() throws LegoFailure {
    Settings fromFile = Settings.load(Map.of("LEGO_CONFIG", file.toString()), MACHINE);
    Settings fromEnvironment =
        Settings.load(Map.of("LEGO_CONFIG", file.toString(), "LEGO_CACHE", "2m"), MACHINE);
    Settings fromFlag = fromEnvironment.withFlag(Setting.CACHE, "1m");

    assertEquals(new Settings.Resolved("1m", "flag --cache"), fromFlag.get(Setting.CACHE));
    assertEquals(
        new Settings.Resolved("2m", "environment LEGO_CACHE"), fromEnvironment.get(Setting.CACHE));
    assertEquals(new Settings.Resolved("3m", "file " + file), fromFile.get(Setting.CACHE));
    assertEquals(new Settings.Resolved("4g", "default"), fromFile.get(Setting.MEMORY));
  }

  @Test
  void shouldKeepTheValueWhenTheFlagIsAbsent() throws LegoFailure {
    Settings settings = Settings.load(Map.of("LEGO_CACHE", "2m", "HOME", "/nowhere"), MACHINE);
    assertEquals("2m", settings.withFlag(Setting.CACHE, null).get(Setting.CACHE).value());
  }

  @Test
  void shouldFindTheUsersFileWhenNoneIsNamed() throws Exception {
    Path user = Files.createDirectories(home.resolve(".config/lego")).resolve("config");
    Files.writeString(user, "gid-index=3\n");
    Settings settings = Settings.load(Map.of("HOME", home.toString()), MACHINE);
    assertEquals("3", settings.get(Setting.GID_INDEX).value());
  }

  @Test
  void shouldNameTheFileWhenASettingIsUnknown() throws IOException {
    Files.writeString(file, "cash=3m\n");
    LegoFailure failure =
        assertThrows(
            LegoFailure.class,
            () -> Settings.load(Map.of("LEGO_CONFIG", file.toString()), MACHINE));
    assertEquals(LegoFailure.USAGE, failure.exitStatus());
    assertTrue(failure.getMessage().contains("'cash'"), failure.getMessage());
    assertTrue(failure.getMessage().contains(file.toString()), failure.getMessage());
  }

  @Test
  void shouldFailWhenTheNamedFileIsMissing() {
    Map<String, String> environment = Map.of("LEGO_CONFIG", home.resolve("absent").toString());
    assertThrows(LegoFailure.class, () -> Settings.load(environment, MACHINE));
  }

  @Test
  void shouldSayWhereTheValueCameFromWhenItIsOutOfBounds() throws LegoFailure {
    Settings settings = Settings.load(Map.of("LEGO_CACHE", "9g", "HOME", "/nowhere"), MACHINE);
    LegoFailure failure =
        assertThrows(
            LegoFailure.class,
            () -> settings.size(Setting.CACHE, 4096, MACHINE.ramBytes(), "this machine's RAM"));
    assertEquals(
        "cache=9g (environment LEGO_CACHE): that is more than this machine's RAM (8.0 GiB)",
        failure.getMessage());
  }

  @Test
  void shouldFailWhenTheMonitorIsNotHostAndPort() throws LegoFailure {
    Settings settings =
        Settings.load(Map.of("HOME", "/nowhere"), MACHINE).withFlag(Setting.MONITOR, "here");
    assertThrows(LegoFailure.class, settings::monitor);
  }
}

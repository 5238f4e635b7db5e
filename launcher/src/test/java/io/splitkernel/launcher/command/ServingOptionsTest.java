package io.splitkernel.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.protocol.files.server.FileServerConfig;
import io.splitkernel.protocol.rpc.RpcSettings;
import io.splitkernel.scomponent.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServingOptionsTest {
  private static final MachineDefaults LARGE = machine(64L << 30);

  private static MachineDefaults machine(long ramBytes) {
    return new MachineDefaults(ramBytes, Path.of("/run/nobody"), Path.of("/home/nobody"));
  }

  private static Settings settings(MachineDefaults machine) throws LegoFailure {
    return Settings.load(Map.of("HOME", "/nowhere"), machine);
  }

  @Test
  void shouldTakeTheDocumentedDefaults() throws LegoFailure {
    ServingOptions.Limits limits = ServingOptions.limits(settings(LARGE), LARGE);
    assertEquals(RpcSettings.DEFAULT.withConnectionsMax(128), limits.rpc());
    assertEquals(FileServerConfig.DEFAULT, limits.files());
    assertEquals(StoreSettings.DEFAULT, limits.store());
    long connections = 128L * (88 * 65_536 + 16_384); // 5.5 MiB each, and what it reads at once
    assertEquals(connections + (24L << 20), limits.bytes());
    assertEquals((128L << 18) + (128L << 16) + (16L << 20), limits.heapBytes());
  }

  @Test
  void shouldTakeFewerClientsOnASmallMachine() throws LegoFailure {
    MachineDefaults small = machine(1L << 30);
    ServingOptions.Limits limits = ServingOptions.limits(settings(small), small);
    assertEquals(23, limits.rpc().connectionsMax());
  }

  @Test
  void shouldTakeWhatIsSet() throws LegoFailure {
    Settings settings =
        settings(LARGE)
            .withFlag(Setting.CLIENTS_MAX, "7")
            .withFlag(Setting.FILE_WORKERS, "3")
            .withFlag(Setting.FILE_QUEUE, "1m")
            .withFlag(Setting.FILE_INLINE, "8k")
            .withFlag(Setting.FILE_FETCHES, "5")
            .withFlag(Setting.FILE_DRAIN, "5")
            .withFlag(Setting.FILE_TRANSFER, "6")
            .withFlag(Setting.OPEN_FILES, "9")
            .withFlag(Setting.FILE_READ_AHEAD, "3m");
    ServingOptions.Limits limits = ServingOptions.limits(settings, LARGE);
    assertEquals(7, limits.rpc().connectionsMax());
    assertEquals(
        new FileServerConfig(3, 1 << 20, 8192, 5, 5_000_000_000L, 6_000_000_000L), limits.files());
    assertEquals(new StoreSettings(9, 3 << 20), limits.store());
  }

  @ParameterizedTest
  @CsvSource({
    "CLIENTS_MAX,0",
    "CLIENTS_MAX,481",
    "FILE_WORKERS,0",
    "FILE_WORKERS,1025",
    "FILE_QUEUE,4k",
    "FILE_QUEUE,2t",
    "FILE_INLINE,0",
    "FILE_INLINE,64k",
    "FILE_READ_AHEAD,65m",
    "FILE_FETCHES,-1",
    "FILE_FETCHES,4097",
    "FILE_DRAIN,0",
    "FILE_TRANSFER,-1",
    "OPEN_FILES,0",
    "OPEN_FILES,1000001"
  })
  void shouldRefuseWhatIsOutOfRange(Setting setting, String value) throws LegoFailure {
    Settings settings = settings(LARGE).withFlag(setting, value);
    LegoFailure failure =
        assertThrows(LegoFailure.class, () -> ServingOptions.limits(settings, LARGE));
    assertTrue(failure.getMessage().startsWith(setting.key() + "=" + value), failure::getMessage);
  }

  @Test
  void shouldRefuseWhatTheMachineHasNoMemoryFor() throws LegoFailure {
    MachineDefaults small = machine(1L << 30);
    Settings settings = settings(small).withFlag(Setting.CLIENTS_MAX, "300");
    LegoFailure failure =
        assertThrows(LegoFailure.class, () -> ServingOptions.limits(settings, small));
    assertTrue(failure.getMessage().contains("this machine has 1.0 GiB"), failure::getMessage);
  }

  @Test
  void shouldRefuseWhatTheHeapHasNoRoomFor() throws LegoFailure {
    MachineDefaults huge = machine(1L << 42);
    Settings settings = settings(huge).withFlag(Setting.FILE_QUEUE, "1t");
    LegoFailure failure =
        assertThrows(LegoFailure.class, () -> ServingOptions.limits(settings, huge));
    assertTrue(failure.getMessage().contains("of heap"), failure::getMessage);
  }

  @Test
  void shouldRefuseWhatTheProcessMayNotHaveTheDescriptorsFor() throws LegoFailure {
    Settings settings = settings(LARGE);
    ServingOptions.Limits limits = ServingOptions.limits(settings, LARGE);
    assertEquals(128 * 11 + 1024 + 24 + 256, limits.descriptors());
    ServingOptions.checkDescriptors(settings, limits, 4096);
    LegoFailure failure =
        assertThrows(
            LegoFailure.class, () -> ServingOptions.checkDescriptors(settings, limits, 1024));
    assertTrue(failure.getMessage().contains("ulimit -Hn"), failure::getMessage);
  }

  /** Often 1,024 are allowed, which are fewer than a hundred clients have. */
  @Test
  void shouldRaiseTheLimitOfDescriptors() throws IOException {
    long allowed = DescriptorLimit.raise();
    String line =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(l -> l.startsWith("Max open files"))
            .findFirst()
            .orElseThrow();
    String[] words = line.split("\\s+");
    assertEquals(words[4], words[3], "soft and hard");
    assertEquals(Long.parseLong(words[4]), allowed);
  }
}

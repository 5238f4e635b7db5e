package io.splitkernel.launcher.settings;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.launcher.LegoFailure;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** All settings with their origins. Immutable. */
public final class Settings {
  /** Environment variable that names the configuration file. */
  public static final String FILE_VARIABLE = "LEGO_CONFIG";

  /** Origin of values that nobody has set. */
  public static final String DEFAULT_ORIGIN = "default";

  /** Largest memory that a process can address: 128 TiB. */
  private static final long ADDRESSABLE_BYTES = 1L << 47;

  private final Map<Setting, Resolved> values;

  /**
   * One value and where it came from.
   *
   * @param value as text; empty when unset.
   * @param origin for people, for example {@code environment LEGO_CACHE}.
   */
  public record Resolved(String value, String origin) {}

  private Settings(Map<Setting, Resolved> values) {
    this.values = values;
  }

  /**
   * Resolves environment, file and defaults.
   *
   * @param environment of the process.
   * @param defaults for this machine.
   * @return the settings.
   * @throws LegoFailure when the file cannot be read or has an unknown name.
   */
  public static Settings load(Map<String, String> environment, MachineDefaults defaults)
      throws LegoFailure {
    Map<Setting, Resolved> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      values.put(setting, new Resolved(defaults.valueOf(setting), DEFAULT_ORIGIN));
    }
    readFile(environment, values);
    for (Setting setting : Setting.values()) {
      String value = environment.get(setting.variable());
      if (value != null) {
        values.put(setting, new Resolved(value.strip(), "environment " + setting.variable()));
      }
    }
    return new Settings(values);
  }

  private static void readFile(Map<String, String> environment, Map<Setting, Resolved> values)
      throws LegoFailure {
    String named = environment.get(FILE_VARIABLE);
    Path file = named == null ? userFile(environment) : Path.of(named);
    if (named == null && !Files.exists(file)) {
      return;
    }
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new LegoFailure(
          LegoFailure.USAGE, "cannot read the configuration file " + file + ": " + e, e);
    }
    for (String name : properties.stringPropertyNames()) {
      Setting setting = byKey(name);
      if (setting == null) {
        throw new LegoFailure(
            LegoFailure.USAGE,
            file + ": no setting is called '" + name + "'; 'lego config' lists them all");
      }
      values.put(setting, new Resolved(properties.getProperty(name).strip(), "file " + file));
    }
  }

  private static Path userFile(Map<String, String> environment) {
    String base = environment.get("XDG_CONFIG_HOME");
    Path directory =
        base == null || base.isBlank()
            ? Path.of(environment.getOrDefault("HOME", "/"), ".config")
            : Path.of(base);
    return directory.resolve("lego").resolve("config");
  }

  private static Setting byKey(String name) {
    for (Setting setting : Setting.values()) {
      if (setting.key().equals(name)) {
        return setting;
      }
    }
    return null;
  }

  /**
   * The same settings with one given on the command line.
   *
   * @param setting to set.
   * @param value from the flag, or null to change nothing.
   * @return the new settings.
   */
  public Settings withFlag(Setting setting, String value) {
    if (value == null) {
      return this;
    }
    Map<Setting, Resolved> changed = new EnumMap<>(values);
    changed.put(setting, new Resolved(value.strip(), "flag --" + setting.key()));
    return new Settings(changed);
  }

  /**
   * A value and its origin.
   *
   * @param setting to look up.
   * @return never null; the value may be empty.
   */
  public Resolved get(Setting setting) {
    return values.get(setting);
  }

  /**
   * A value as text.
   *
   * @param setting to look up.
   * @return empty when unset.
   */
  public Optional<String> text(Setting setting) {
    String value = get(setting).value();
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  /**
   * A value as a size within bounds.
   *
   * @param setting to look up.
   * @param least smallest that makes sense, bytes.
   * @param most largest that makes sense, bytes.
   * @param mostIs what the largest is, for the message.
   * @return bytes.
   * @throws LegoFailure when it is not a size or out of bounds.
   */
  public long size(Setting setting, long least, long most, String mostIs) throws LegoFailure {
    long bytes;
    try {
      bytes = Size.parse(get(setting).value());
    } catch (IllegalArgumentException e) {
      throw wrong(setting, e.getMessage(), e);
    }
    if (bytes < least) {
      throw wrong(setting, "it must be at least " + Size.text(least), null);
    }
    if (bytes > most) {
      throw wrong(setting, "that is more than " + mostIs + " (" + Size.rounded(most) + ")", null);
    }
    return bytes;
  }

  /**
   * A value as a size that only the address space bounds.
   *
   * @param setting to look up.
   * @param least smallest that makes sense, bytes.
   * @return bytes.
   * @throws LegoFailure when it is not a size or out of bounds.
   */
  public long size(Setting setting, long least) throws LegoFailure {
    return size(setting, least, ADDRESSABLE_BYTES, "a process can address");
  }

  /**
   * How long components of a new cluster have to start.
   *
   * @return nanoseconds.
   * @throws LegoFailure when it is no number in the range.
   */
  public long startGraceNs() throws LegoFailure {
    return number(Setting.START_GRACE, 1, 86_400) * 1_000_000_000L;
  }

  /**
   * A value as a whole number within bounds.
   *
   * @param setting to look up.
   * @param least smallest allowed.
   * @param most largest allowed.
   * @return the number.
   * @throws LegoFailure when it is not a number or out of bounds.
   */
  public int number(Setting setting, int least, int most) throws LegoFailure {
    try {
      int number = Integer.parseInt(get(setting).value());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong(setting, "it must be a number from " + least + " to " + most, null);
  }

  /**
   * A value as a path.
   *
   * @param setting to look up, one that has a default.
   * @return the path, absolute when it was given so.
   * @throws LegoFailure when it is none.
   */
  public Path path(Setting setting) throws LegoFailure {
    try {
      return Path.of(get(setting).value());
    } catch (InvalidPathException e) {
      throw wrong(setting, "it is no path", e);
    }
  }

  /**
   * The cluster's monitor.
   *
   * @return its address, or empty when none is set.
   * @throws LegoFailure when it is not HOST:PORT.
   */
  public Optional<FabricAddress> monitor() throws LegoFailure {
    Optional<String> text = text(Setting.MONITOR);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(FabricAddress.parse(text.get()));
    } catch (IllegalArgumentException e) {
      throw wrong(Setting.MONITOR, e.getMessage(), e);
    }
  }

  /**
   * Says that a value cannot be used.
   *
   * @param setting whose.
   * @param reason why not.
   * @param cause what was thrown, or null.
   * @return to throw.
   */
  public LegoFailure wrong(Setting setting, String reason, Throwable cause) {
    Resolved resolved = get(setting);
    return new LegoFailure(
        LegoFailure.USAGE,
        setting.key() + "=" + resolved.value() + " (" + resolved.origin() + "): " + reason,
        cause);
  }
}

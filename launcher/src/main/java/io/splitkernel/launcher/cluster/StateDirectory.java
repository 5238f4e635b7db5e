package io.splitkernel.launcher.cluster;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code lego up} leaves for later commands: the secret, the monitor's address, the processes
 * and their logs. Only its owner can read it. Any control thread; two commands at once are kept
 * apart by nobody but the user.
 */
public final class StateDirectory {
  private static final String SECRET = "secret";
  private static final String MONITOR = "monitor";
  private static final String COMPONENTS = "components";

  private final Path path;

  private StateDirectory(Path path) {
    this.path = path;
  }

  /** Another one beside it, with a word behind its name. */
  StateDirectory beside(String word) {
    return new StateDirectory(path.resolveSibling(path.getFileName() + "-" + word));
  }

  Path path() {
    return path;
  }

  /**
   * The one that the settings name; it need not exist.
   *
   * @param settings with its path.
   * @return the directory.
   */
  public static StateDirectory of(Settings settings) {
    return new StateDirectory(Path.of(settings.get(Setting.STATE_DIR).value()));
  }

  /**
   * Makes it, for its owner only.
   *
   * @throws LegoFailure when it cannot be made or belongs to somebody else.
   */
  void create() throws LegoFailure {
    try {
      if (path.getParent() != null) {
        Files.createDirectories(path.getParent());
      }
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      checkOwner();
    } catch (IOException e) {
      throw new LegoFailure(
          LegoFailure.FAILURE, "cannot make the state directory " + path + ": " + e, e);
    }
  }

  private void checkOwner() throws LegoFailure {
    try {
      boolean mine =
          Files.getOwner(path, LinkOption.NOFOLLOW_LINKS)
              .equals(Files.getOwner(Path.of("/proc/self")));
      boolean closed =
          PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS))
              .endsWith("------");
      if (!mine || !closed || !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        throw new LegoFailure(
            LegoFailure.FAILURE,
            "the state directory "
                + path
                + " is not yours alone: remove it or set LEGO_STATE_DIR elsewhere");
      }
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, "cannot examine " + path + ": " + e, e);
    }
  }

  void writeSecret(String secret) throws LegoFailure {
    write(SECRET, secret + "\n");
  }

  void writeMonitor(String address) throws LegoFailure {
    write(MONITOR, address + "\n");
  }

  void writeComponents(List<ProcessIdentity> components) throws LegoFailure {
    StringBuilder text = new StringBuilder();
    for (ProcessIdentity component : components) {
      text.append(component.line()).append('\n');
    }
    write(COMPONENTS, text.toString());
  }

  private void write(String name, String text) throws LegoFailure {
    Path file = path.resolve(name);
    try {
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, text, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, "cannot write " + file + ": " + e, e);
    }
  }

  Path log(String component) {
    return path.resolve(component + ".log");
  }

  /**
   * Where the secret of the user's cluster is.
   *
   * @return the file, or empty when no cluster is up.
   */
  public Optional<Path> secretFile() {
    Path file = path.resolve(SECRET);
    return Files.isReadable(file) ? Optional.of(file) : Optional.empty();
  }

  /**
   * Where the monitor of the user's cluster listens.
   *
   * @return HOST:PORT, or empty when no cluster is up.
   */
  public Optional<String> monitor() {
    try {
      return Optional.of(Files.readString(path.resolve(MONITOR)).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Processes that {@code up} has started and that still run.
   *
   * @return in the order of their start.
   */
  List<ProcessIdentity> alive() {
    List<ProcessIdentity> alive = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(path.resolve(COMPONENTS))) {
        ProcessIdentity component = ProcessIdentity.parse(line);
        if (component.find().isPresent()) {
          alive.add(component);
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      return alive;
    }
    return alive;
  }

  boolean exists() {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Removes everything in it, and itself. */
  void remove() throws LegoFailure {
    if (!exists()) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new LegoFailure(LegoFailure.FAILURE, "cannot remove " + path + ": " + e, e);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}

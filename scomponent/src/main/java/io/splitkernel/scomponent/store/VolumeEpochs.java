package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeUse;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The highest epoch of each volume, one small file each. It outlives its volume, so that who had a
 * volume that was removed never gets at one that was made later under the same name. Any thread.
 */
final class VolumeEpochs {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeEpochs.class);

  private final Path directory;
  private final long verifier;
  private final Map<String, KeptUse> uses = new HashMap<>();

  VolumeEpochs(Path directory, long verifier) throws IOException {
    this.directory = Files.createDirectories(directory);
    this.verifier = verifier;
  }

  /** The door to a volume; shut with EIO when its epoch cannot be read, which is logged. */
  synchronized VolumeUse use(String name, DirectoryVolume volume) {
    KeptUse use = uses.get(name);
    if (use == null || !use.volume.equals(volume)) {
      try {
        use = new KeptUse(name, volume, file(name).read());
        uses.put(name, use);
      } catch (IOException e) {
        LOG.error("epoch of volume {}: {}", name, e.getMessage());
        return new ShutUse();
      }
    }
    return use;
  }

  /** What was being made when a process died goes. */
  void clear() throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, EpochFile.FRESH + "*")) {
      for (Path each : left) {
        Files.delete(each);
      }
    }
  }

  /** The door to a volume that cannot be opened: EIO. */
  static VolumeUse shut() {
    return new ShutUse();
  }

  /** Takes the space of a volume's epoch now, since a full disk has none when it is needed. */
  synchronized void prepare(String name) throws IOException {
    if (!Files.exists(directory.resolve(name))) {
      file(name).write(0);
    }
  }

  /** The volume is removed: nobody who has had it may use another one of that name. */
  synchronized void end(String name) throws IOException {
    uses.remove(name);
    long epoch = file(name).read();
    if (epoch > 0) {
      file(name).write(epoch + 1);
    }
  }

  private EpochFile file(String name) {
    return new EpochFile(directory.resolve(name));
  }

  /** Who cannot be let in. */
  private static final class ShutUse extends VolumeUse {
    ShutUse() {
      super(SHUT);
    }

    @Override
    protected int take(long next) {
      return -Errno.EIO;
    }

    @Override
    public Volume volume() {
      throw new IllegalStateException("nobody is let in");
    }

    @Override
    public long verifier() {
      return 0;
    }
  }

  private final class KeptUse extends VolumeUse {
    private final String name;
    private final DirectoryVolume volume;

    KeptUse(String name, DirectoryVolume volume, long epoch) {
      super(epoch);
      this.name = name;
      this.volume = volume;
    }

    @Override
    protected int take(long next) {
      try {
        file(name).write(next);
        volume.readOnly(false);
        return 0;
      } catch (IOException e) {
        int error = StoreException.errorOf(e);
        LOG.error("epoch {} of volume {} cannot be kept: {}", next, name, e.getMessage());
        if (error != -Errno.EROFS) {
          return error;
        }
        // An earlier user could come back after a restart, but has missed nothing.
        volume.readOnly(true);
        return 0;
      }
    }

    @Override
    public Volume volume() {
      return volume;
    }

    @Override
    public long verifier() {
      return verifier;
    }
  }
}

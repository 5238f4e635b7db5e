package io.splitkernel.scomponent.store;

import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeUse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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

  /** The door to a volume; null when its epoch cannot be read, which is logged. */
  synchronized VolumeUse use(String name, Volume volume) {
    KeptUse use = uses.get(name);
    if (use == null || !use.volume.equals(volume)) {
      try {
        use = new KeptUse(name, volume, read(name));
        uses.put(name, use);
      } catch (IOException e) {
        LOG.error("epoch of volume {}: {}", name, e.toString());
        return null;
      }
    }
    return use;
  }

  /** The volume is removed: nobody who has had it may use another one of that name. */
  synchronized void end(String name) throws IOException {
    uses.remove(name);
    long epoch = read(name);
    if (epoch > 0) {
      write(name, epoch + 1);
    }
  }

  private long read(String name) throws IOException {
    Path file = directory.resolve(name);
    if (!Files.exists(file)) {
      return 0;
    }
    String text = Files.readString(file).strip();
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException(file + ": '" + text + "' is no epoch", e);
    }
  }

  private void write(String name, long epoch) throws IOException {
    Path fresh = directory.resolve(".new-" + name);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer text = ByteBuffer.wrap((epoch + "\n").getBytes(StandardCharsets.US_ASCII));
      while (text.hasRemaining()) {
        channel.write(text);
      }
      channel.force(true);
    }
    Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    DirectoryVolume.syncDirectory(directory);
  }

  private final class KeptUse extends VolumeUse {
    private final String name;
    private final Volume volume;

    KeptUse(String name, Volume volume, long epoch) {
      super(epoch);
      this.name = name;
      this.volume = volume;
    }

    @Override
    protected int take(long next) {
      try {
        write(name, next);
        return 0;
      } catch (IOException e) {
        LOG.error("epoch {} of volume {} cannot be kept: {}", next, name, e.toString());
        return DirectoryVolume.errorOf(e);
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

package io.splitkernel.scomponent.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The device fails to take what was written to a file that is closed meanwhile, since others are
 * used. As on Linux, whoever opens it after that is not told.
 */
@Timeout(120)
class EvictedFileTest {
  @TempDir Path root;
  private final Arena arena = Arena.ofShared();
  private final FileAttributes attributes = new FileAttributes();
  private final AtomicInteger writtenOut = new AtomicInteger();
  private volatile boolean fails;
  private DirectoryStore store;
  private Volume volume;

  /** Fails for as long as it is open what was written while the device was failing. */
  private final class FailingFile implements BackingFile {
    private final BackingFile under;
    private boolean lost;

    FailingFile(BackingFile under) {
      this.under = under;
    }

    @Override
    public int read(long offset, MemorySegment into) {
      return under.read(offset, into);
    }

    @Override
    public int write(long offset, MemorySegment from) {
      lost |= fails;
      return under.write(offset, from);
    }

    @Override
    public long size() {
      return under.size();
    }

    @Override
    public int setSize(long sizeBytes) {
      lost |= fails;
      return under.setSize(sizeBytes);
    }

    @Override
    public int allocate(int flags, long offset, long lengthBytes) {
      return under.allocate(flags, offset, lengthBytes);
    }

    /** Linux tells once. */
    private int told(int result) {
      int told = lost ? -Errno.EIO : result;
      lost = false;
      return told;
    }

    @Override
    public int sync(boolean dataOnly) {
      return told(under.sync(dataOnly));
    }

    @Override
    public int writeOut() {
      writtenOut.incrementAndGet();
      return told(under.writeOut());
    }

    @Override
    public void close() {
      under.close();
    }
  }

  @BeforeEach
  void open() throws IOException {
    StoreSettings settings = new StoreSettings(1);
    store =
        DirectoryStore.open(
            root,
            settings,
            (fd, ro) -> new FailingFile(new LinuxBackingFile(fd, ro, new AheadReader())));
    assertEquals(0, store.makeVolume("v", 0));
    volume = store.volume("v");
    for (int id = 1; id <= 3; id++) {
      assertEquals(0, volume.create("/f" + id, id, 0, 0644, 0, 0, attributes));
    }
  }

  @AfterEach
  void close() {
    arena.close();
    store.close();
  }

  private void write(int id) {
    assertEquals(10, volume.write("/f" + id, id, 0, arena.allocate(10)));
  }

  private int sync(int id) {
    return volume.sync("/f" + id, id, false);
  }

  @Test
  void shouldFailTheNextSyncOfAFileThatWasClosedMeanwhile() {
    fails = true;
    write(1);
    fails = false;
    write(2);
    write(3);
    assertEquals(0, sync(2));
    assertEquals(-Errno.EIO, sync(1), "it was closed");
    assertEquals(0, sync(1), "a failure is told once");
    write(1);
    assertEquals(0, sync(1));
  }

  @Test
  void shouldFailTheSyncOfAFileThatIsStillOpen() {
    fails = true;
    write(1);
    fails = false;
    assertEquals(-Errno.EIO, sync(1));
    assertEquals(0, sync(1));
  }

  @Test
  void shouldWriteOutNothingThatIsSynced() {
    write(1);
    assertEquals(0, sync(1));
    write(2);
    assertEquals(0, writtenOut.get());
    write(3);
    assertEquals(1, writtenOut.get());
  }
}

package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.CheckedLayout.BLOCK;
import static io.splitkernel.scomponent.store.VolumeContract.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeUse;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Single bits of the store's files change on the disk. */
@Timeout(120)
class BitFlipTest {
  private static final int BLOCKS = 6;
  private static final int BAD = 3;

  @TempDir Path root;
  private final Arena arena = Arena.ofShared();
  private final FileAttributes attributes = new FileAttributes();
  private final byte[] content = bytes(BLOCKS * BLOCK - 1000, 1);
  private DirectoryStore store;
  private Volume volume;

  @BeforeEach
  void open() throws IOException {
    store = DirectoryStore.open(root);
    assertEquals(0, store.makeVolume("v", 1 << 20));
    volume = store.volume("v");
    for (String path : List.of("/f", "/other")) {
      assertEquals(0, volume.create(path, path.length(), 0, 0644, 0, 0, attributes));
      assertEquals(content.length, write(path, 0, bytes(content.length, 0)));
      assertEquals(content.length, write(path, 0, content));
    }
  }

  @AfterEach
  void close() {
    arena.close();
    store.close();
  }

  private void reopen() throws IOException {
    store.close();
    store = DirectoryStore.open(root);
    volume = store.volume("v");
  }

  private int write(String path, long offset, byte[] bytes) {
    return volume.write(path, 0, offset, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
  }

  private int readError(long offset, int length) {
    return volume.read("/f", 0, offset, arena.allocate(length));
  }

  private byte[] read(String path, int from, int to) {
    MemorySegment into = arena.allocate(to - from);
    assertEquals(to - from, volume.read(path, 0, from, into));
    return into.toArray(ValueLayout.JAVA_BYTE);
  }

  private void flip(String file, long bit) throws IOException {
    try (RandomAccessFile at = new RandomAccessFile(root.resolve(file).toFile(), "rw")) {
      at.seek(bit / 8);
      int was = at.read();
      at.seek(bit / 8);
      at.write(was ^ (1 << bit % 8));
    }
  }

  /** In the content of block {@link #BAD}, and in the checksum of what was written there last. */
  @ParameterizedTest
  @ValueSource(
      longs = {
        8L * (BLOCK + BAD * BLOCK),
        8L * (BLOCK + BAD * BLOCK + 2000) + 3,
        8L * (BLOCK + BAD * BLOCK + BLOCK) - 1,
        8L * (BAD * CheckedLayout.ENTRY + 4),
        8L * (BAD * CheckedLayout.ENTRY + 8) - 1
      })
  void shouldLoseOneBlockAndNoMoreUntilItIsWritten(long bit) throws IOException {
    flip("volumes/v/tree/f", bit);
    for (int opened = 0; opened < 2; opened++) {
      for (int block = 0; block < BLOCKS; block++) {
        int from = block * BLOCK;
        int to = Math.min(from + BLOCK, content.length);
        if (block == BAD) {
          assertEquals(-Errno.EIO, readError(from, BLOCK));
          assertEquals(-Errno.EIO, readError(from + 5, 1));
        } else {
          assertArrayEquals(Arrays.copyOfRange(content, from, to), read("/f", from, to));
        }
      }
      assertEquals(-Errno.EIO, readError(0, content.length));
      assertArrayEquals(content, read("/other", 0, content.length));
      assertEquals(-Errno.EIO, write("/f", BAD * BLOCK + 1, new byte[10]), "a part heals nothing");
      AttributeChange cut = AttributeChange.size(BAD * BLOCK + 10);
      assertEquals(-Errno.EIO, volume.change("/f", 0, cut, attributes));
      reopen();
    }
    byte[] whole = bytes(BLOCK, 9);
    assertEquals(BLOCK, write("/f", BAD * BLOCK, whole));
    System.arraycopy(whole, 0, content, BAD * BLOCK, BLOCK);
    assertArrayEquals(content, read("/f", 0, content.length));
    reopen();
    assertArrayEquals(content, read("/f", 0, content.length));
  }

  /**
   * The other half of an entry is of what the block held before: nothing depends on it any more.
   */
  @Test
  void shouldReadABlockWhoseEarlierChecksumChanged() throws IOException {
    flip("volumes/v/tree/f", 8L * BAD * CheckedLayout.ENTRY + 1);
    assertArrayEquals(content, read("/f", 0, content.length));
    reopen();
    assertEquals(10, write("/f", BAD * BLOCK, new byte[10]));
    Arrays.fill(content, BAD * BLOCK, BAD * BLOCK + 10, (byte) 0);
    assertArrayEquals(content, read("/f", 0, content.length));
  }

  @Test
  void shouldServeTheOtherVolumesWhenTheDescriptionOfOneChanged() throws IOException {
    Path description = root.resolve("volumes/v/volume");
    byte[] good = Files.readAllBytes(description);
    assertEquals(0, store.makeVolume("w", 0));
    for (int bit = 0; bit < 8 * good.length; bit++) {
      flip("volumes/v/volume", bit);
      reopen();
      VolumeUse use = store.use("v");
      assertNotNull(use);
      boolean served = use.enter(0) > 0;
      if (served) {
        assertEquals(1 << 20, ((DirectoryVolume) volume).quotaBytes(), "bit " + bit);
      } else {
        assertEquals(-Errno.EIO, use.enter(0));
        assertEquals(-Errno.EIO, store.makeVolume("v", 0));
        assertEquals(-Errno.EIO, store.removeVolume("v"));
      }
      assertEquals(List.of("v", "w"), store.names());
      assertEquals(0, store.volume("w").lookup("/", 0, attributes));
      Files.write(description, good);
    }
    reopen();
    assertArrayEquals(content, read("/f", 0, content.length));
  }

  @Test
  void shouldNeverLetAnEarlierEpochInWhenTheFileOfEpochsChanged() throws IOException {
    Path epochs = root.resolve("epochs/v");
    long stamp = store.use("v").enter(41);
    store.use("v").leave(stamp);
    stamp = store.use("v").enter(42);
    store.use("v").leave(stamp);
    byte[] good = Files.readAllBytes(epochs);
    for (int slot = 0; slot < 2; slot++) {
      for (int bit = 0; bit < 8 * 29; bit += 3) {
        flip("epochs/v", 8L * slot * BLOCK + bit);
        reopen();
        assertEquals(-Errno.ESTALE, store.use("v").enter(41));
        long known = store.use("v").epoch();
        assertTrue(known == 42 || known == 43, "slot " + slot + " bit " + bit + ": " + known);
        Files.write(epochs, good);
      }
    }
    flip("epochs/v", 3);
    flip("epochs/v", 8L * BLOCK + 3);
    reopen();
    assertEquals(-Errno.EIO, store.use("v").enter(42));
    assertEquals(-Errno.EIO, store.use("v").enter(1000));
  }
}

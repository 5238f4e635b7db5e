package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.CheckedLayout.BLOCK;
import static io.splitkernel.scomponent.store.VolumeContract.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeUse;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The disk of a store has no space left, or the quota of its volume is used up. */
@Timeout(120)
class FullDiskTest {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;
  private final Arena arena = Arena.ofShared();
  private final FileAttributes attributes = new FileAttributes();
  private Tmpfs disk;
  private DirectoryStore store;
  private Volume volume;
  private long lastId = 100;

  @BeforeEach
  void open() throws Exception {
    disk = Tmpfs.mount(directory.resolve("disk"), 8);
    store = DirectoryStore.open(directory.resolve("disk"));
    assertEquals(0, store.makeVolume("v", 0));
    volume = store.volume("v");
  }

  @AfterEach
  void close() throws Exception {
    arena.close();
    if (store != null) {
      store.close();
    }
    if (disk != null) {
      disk.unmount();
    }
  }

  private void create(String path) {
    assertEquals(0, volume.create(path, ++lastId, 0, 0644, 0, 0, attributes), path);
  }

  private int write(String path, long offset, byte[] content) {
    MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_BYTE, content);
    return volume.write(path, 0, offset, from);
  }

  private byte[] read(String path) {
    assertEquals(0, volume.lookup(path, 0, attributes));
    byte[] content = new byte[(int) attributes.sizeBytes];
    for (int at = 0; at < content.length; at += MIB) {
      MemorySegment into = arena.allocate(Math.min(MIB, content.length - at));
      assertEquals(into.byteSize(), volume.read(path, 0, at, into), path + " at " + at);
      MemorySegment.copy(into, ValueLayout.JAVA_BYTE, 0, content, at, (int) into.byteSize());
    }
    return content;
  }

  /** Writes until the disk takes no more; a file that is then as long as was said. */
  private int fill(String path) {
    create(path);
    int length = 0;
    for (int size = MIB; size >= 1; size = size > BLOCK ? size / 2 : size - BLOCK + 1) {
      int count = write(path, length, bytes(size, size));
      while (count > 0) {
        length += count;
        count = write(path, length, bytes(size, size));
      }
      assertEquals(-Errno.ENOSPC, count);
      assertEquals(length, read(path).length);
    }
    return length;
  }

  @Test
  void shouldKeepWhatIsThereAndGoOnWhenThereIsSpaceAgain() {
    create("/kept");
    byte[] kept = bytes(100_000, 1);
    assertEquals(kept.length, write("/kept", 0, kept));
    assertEquals(0, volume.sync("/kept", 0, false));
    create("/empty");
    fill("/big");
    byte[] big = read("/big");
    int rest = BLOCK - kept.length % BLOCK;
    byte[] appended = bytes(3 * BLOCK, 2);
    assertEquals(rest, write("/kept", kept.length, appended), "its last block has room");
    kept = Arrays.copyOf(kept, kept.length + rest);
    System.arraycopy(appended, 0, kept, kept.length - rest, rest);
    assertEquals(-Errno.ENOSPC, write("/kept", kept.length, bytes(3 * BLOCK, 2)));
    assertEquals(-Errno.ENOSPC, write("/empty", 0, bytes(1, 3)));
    assertEquals(-Errno.ENOSPC, write("/empty", 100 * MIB, bytes(1, 3)));
    assertEquals(0, read("/empty").length);
    assertEquals(-Errno.ENOSPC, volume.allocate("/empty", 0, 0, 0, MIB));
    assertEquals(0, volume.sync("/kept", 0, false));
    assertEquals(0, volume.sync("/big", 0, false));
    assertArrayEquals(kept, read("/kept"));

    byte[] over = bytes(10_000, 4);
    assertEquals(over.length, write("/kept", 50_000, over), "what has its space can be changed");
    System.arraycopy(over, 0, kept, 50_000, over.length);
    assertArrayEquals(kept, read("/kept"));
    assertArrayEquals(big, read("/big"));

    assertEquals(0, volume.unlink("/big", 0, false));
    byte[] more = bytes(MIB, 5);
    assertEquals(MIB, write("/kept", kept.length, more));
    assertEquals(0, volume.sync("/kept", 0, false));
    byte[] all = Arrays.copyOf(kept, kept.length + MIB);
    System.arraycopy(more, 0, all, kept.length, MIB);
    assertArrayEquals(all, read("/kept"));
  }

  @Test
  void shouldKeepBothSidesOfAHoleThatCannotBeFilled() {
    create("/holes");
    byte[] end = bytes(BLOCK, 1);
    assertEquals(BLOCK, write("/holes", 6 * MIB, end));
    byte[] content = Arrays.copyOf(new byte[0], 6 * MIB + BLOCK);
    System.arraycopy(end, 0, content, 6 * MIB, BLOCK);
    fill("/big");
    for (int at = 100; at < MIB; at += 300_000) {
      assertEquals(-Errno.ENOSPC, write("/holes", at, bytes(2 * BLOCK, at)));
    }
    assertArrayEquals(content, read("/holes"));
    assertEquals(0, volume.unlink("/big", 0, false));
    byte[] filled = bytes(MIB, 2);
    assertEquals(MIB, write("/holes", 100, filled));
    System.arraycopy(filled, 0, content, 100, MIB);
    assertArrayEquals(content, read("/holes"));
  }

  @Test
  void shouldLetTheNextOwnerInToFreeSpace() throws Exception {
    fill("/big");
    store.close();
    store = DirectoryStore.open(directory.resolve("disk"));
    VolumeUse use = store.use("v");
    long stamp = use.enter(7);
    assertTrue(stamp > 0, () -> Errno.text(stamp));
    assertEquals(0, use.volume().unlink("/big", 0, false));
    use.leave(stamp);
    assertEquals(-Errno.ESTALE, use.enter(6));
  }

  @Test
  void shouldLeaveNothingOfAVolumeThatCannotBeMade() throws Exception {
    Path ballast = directory.resolve("disk/ballast");
    Files.write(ballast, new byte[7 * MIB]);
    fill("/big");
    assertEquals(-Errno.ENOSPC, store.makeVolume("w", 0));
    try (var left = Files.list(directory.resolve("disk/volumes"))) {
      assertEquals(1, left.count());
    }
    Files.delete(ballast);
    assertEquals(0, store.makeVolume("w", 0));
  }

  @Test
  void shouldLeaveAFileAsItWasWhenTheQuotaIsUsedUp() {
    assertEquals(0, store.makeVolume("small", 10L * BLOCK));
    volume = store.volume("small");
    create("/f");
    byte[] content = bytes(8 * BLOCK + 100, 1);
    assertEquals(content.length, write("/f", 0, content));
    assertEquals(-Errno.ENOSPC, write("/f", 7 * BLOCK, bytes(4 * BLOCK, 2)));
    assertEquals(-Errno.ENOSPC, write("/f", 20 * BLOCK, bytes(1, 2)));
    assertEquals(-Errno.ENOSPC, volume.allocate("/f", 0, 0, 0, 11 * BLOCK));
    assertArrayEquals(content, read("/f"));
    assertEquals(BLOCK, write("/f", 9 * BLOCK, bytes(BLOCK, 3)));
    assertEquals(0, volume.sync("/f", 0, true));
  }
}

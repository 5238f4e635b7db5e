package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.VolumeContract.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeUse;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The disk of a store can only be read. */
@Timeout(120)
class ReadOnlyDiskTest {
  private static final long ID = 100;

  @TempDir Path directory;
  private final Arena arena = Arena.ofShared();
  private final FileAttributes attributes = new FileAttributes();
  private final byte[] content = bytes(50_000, 1);
  private Tmpfs disk;
  private DirectoryStore store;
  private Volume volume;

  @BeforeEach
  void open() throws Exception {
    disk = Tmpfs.mount(directory.resolve("disk"), 8);
    store = DirectoryStore.open(directory.resolve("disk"));
    assertEquals(0, store.makeVolume("v", 0));
    volume = store.volume("v");
    assertEquals(0, volume.create("/f", ID, 0, 0644, 0, 0, attributes));
    assertEquals(content.length, write(0, content));
    assertEquals(0, volume.setXattr("/f", "user.a", new byte[1], 0));
    assertEquals(0, volume.sync("/f", ID, false));
    reopen(true);
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

  private void reopen(boolean readOnly) throws Exception {
    store.close();
    disk.readOnly(readOnly);
    store = DirectoryStore.open(directory.resolve("disk"));
    volume = store.volume("v");
  }

  private int write(long offset, byte[] bytes) {
    return volume.write("/f", ID, offset, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
  }

  private void assertReadable() {
    MemorySegment into = arena.allocate(content.length);
    assertEquals(content.length, volume.read("/f", ID, 0, into));
    assertArrayEquals(content, into.toArray(ValueLayout.JAVA_BYTE));
    assertEquals(0, volume.lookup("/f", ID, attributes));
    assertEquals(content.length, attributes.sizeBytes);
    assertEquals(1, volume.getXattr("/f", "user.a", b -> {}));
  }

  private void assertEveryChangeIsRefused() {
    int refused = -Errno.EROFS;
    assertEquals(refused, write(0, new byte[1]));
    assertEquals(refused, write(4096, new byte[4096]));
    assertEquals(refused, write(content.length, new byte[4096]));
    assertEquals(refused, volume.change("/f", ID, AttributeChange.size(0), attributes));
    assertEquals(refused, volume.change("/f", ID, AttributeChange.size(1 << 20), attributes));
    assertEquals(refused, volume.change("/f", ID, AttributeChange.mode(0600), attributes));
    int punch = Volume.ALLOCATE_KEEP_SIZE | Volume.ALLOCATE_PUNCH_HOLE;
    assertEquals(refused, volume.allocate("/f", ID, punch, 0, 8192));
    assertEquals(refused, volume.allocate("/f", ID, 0, 0, 1 << 20));
    assertEquals(refused, volume.create("/g", 7, 0, 0644, 0, 0, attributes));
    assertEquals(refused, volume.makeDirectory("/d", 8, 0755, 0, 0, attributes));
    assertEquals(refused, volume.makeSymlink("/l", "f", 0, 0, attributes));
    assertEquals(refused, volume.link("/f", ID, "/g", attributes));
    assertEquals(refused, volume.rename("/f", ID, "/g", 0, false));
    assertEquals(refused, volume.unlink("/f", ID, false));
    assertEquals(refused, volume.setXattr("/f", "user.b", new byte[1], 0));
    assertEquals(refused, volume.removeXattr("/f", "user.a"));
  }

  @Test
  void shouldBeReadAndRefuseEveryChange() throws Exception {
    assertReadable();
    assertEveryChangeIsRefused();
    assertEquals(-Errno.EROFS, store.makeVolume("w", 0));
    assertEquals(-Errno.EROFS, store.removeVolume("v"));
    volume = store.volume("v");
    assertReadable();
    IOException second =
        assertThrows(IOException.class, () -> DirectoryStore.open(directory.resolve("disk")));
    assertTrue(second.getMessage().contains("in use"), second.getMessage());
    reopen(false);
    assertReadable();
    assertEquals(4096, write(4096, bytes(4096, 2)));
  }

  @Test
  void shouldBeWritableAgainAsSoonAsTheDiskIs() throws Exception {
    assertReadable();
    assertEveryChangeIsRefused();
    disk.readOnly(false);
    assertEquals(4096, write(4096, bytes(4096, 2)));
    assertEquals(0, volume.sync("/f", ID, false));
  }

  /** An epoch that is not on disk must not be one under which something was changed. */
  @Test
  void shouldBeReadUnderAnEpochThatCannotBeKept() throws Exception {
    VolumeUse use = store.use("v");
    long stamp = use.enter(5);
    assertTrue(stamp > 0, () -> Errno.text(stamp));
    assertReadable();
    disk.readOnly(false);
    assertEveryChangeIsRefused();
    use.leave(stamp);
    assertEquals(-Errno.ESTALE, use.enter(4));
    long next = use.enter(6);
    assertTrue(next > 0, () -> Errno.text(next));
    assertEquals(4096, write(4096, bytes(4096, 2)));
    use.leave(next);
    reopen(false);
    assertEquals(-Errno.ESTALE, store.use("v").enter(5));
  }
}

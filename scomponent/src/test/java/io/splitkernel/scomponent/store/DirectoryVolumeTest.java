package io.splitkernel.scomponent.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.protocol.files.Volume;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryVolumeTest extends VolumeContract {
  @TempDir Path root;
  private DirectoryStore store;

  @BeforeEach
  void open() throws IOException {
    store = DirectoryStore.open(root);
    assertEquals(0, store.makeVolume("v", QUOTA));
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  protected Volume volume() {
    return store.volume("v");
  }

  private void reopen() throws IOException {
    store.close();
    store = DirectoryStore.open(root);
  }

  private Path backing(String name) {
    return root.resolve("volumes/v/tree").resolve(name);
  }

  @Test
  void shouldRefuseASecondStoreOnTheSameDirectory() {
    IOException refused = assertThrows(IOException.class, () -> DirectoryStore.open(root));
    assertTrue(refused.getMessage().contains("in use"), refused.getMessage());
  }

  @Test
  void shouldFindEverythingAgainWhenOpenedAgain() throws IOException {
    long id = create("/f");
    byte[] content = bytes(3 << 20, 1);
    for (int at = 0; at < content.length; at += 1 << 20) {
      assertEquals(
          1 << 20, write("/f", at, java.util.Arrays.copyOfRange(content, at, at + (1 << 20))));
    }
    reopen();
    assertEquals(0, volume().lookup("/f", id, attributes));
    assertEquals(content.length, attributes.sizeBytes);
    byte[] patch = bytes(5000, 2);
    assertEquals(5000, write("/f", 1_000_001, patch));
    assertArrayEquals(patch, read("/f", 1_000_001, 5000));
    assertEquals(0, store.makeVolume("v", QUOTA));
    assertEquals(-Errno.EEXIST, store.makeVolume("v", 1));
    assertEquals(-Errno.EINVAL, store.makeVolume("../v", 1));
    assertEquals(0, store.removeVolume("v"));
    assertEquals(java.util.List.of(), store.names());
  }

  @Test
  void shouldAnswerEioInsteadOfBytesThatHaveChangedOnTheDisk() throws IOException {
    create("/f");
    byte[] content = bytes(20_000, 5);
    write("/f", 0, content);
    try (RandomAccessFile file = new RandomAccessFile(backing("f").toFile(), "rw")) {
      file.seek(4096 + 8192 + 17);
      int was = file.read();
      file.seek(4096 + 8192 + 17);
      file.write(was ^ 1);
    }
    assertEquals(-Errno.EIO, volume().read("/f", 0, 0, segment(new byte[20_000])));
    assertEquals(-Errno.EIO, volume().read("/f", 0, 9000, segment(new byte[10])));
    assertArrayEquals(java.util.Arrays.copyOf(content, 8192), read("/f", 0, 8192));
    assertEquals(-Errno.EIO, volume().write("/f", 0, 8200, segment(new byte[10])));
    assertEquals(4096, write("/f", 8192, bytes(4096, 6)));
    assertArrayEquals(bytes(4096, 6), read("/f", 8192, 4096));
  }

  @Test
  void shouldOwnWhatItMayNotGiveAway() throws InterruptedException {
    int other = 1000;
    int[] results = {-1, -1, -1};
    Thread unprivileged =
        Thread.ofPlatform()
            .start(() -> {
              dropChown();
              int flags = Volume.CREATE_EXCLUSIVE;
              results[0] = volume().create("/f", 7, flags, 0640, other, other, attributes);
              results[1] = volume().makeDirectory("/d", 8, 0750, other, other, attributes);
              results[2] = volume().makeSymlink("/l", "f", other, other, attributes);
            });
    unprivileged.join();
    assertArrayEquals(new int[] {0, 0, 0}, results);
    assertEquals(0, volume().lookup("/f", 7, attributes));
    assertEquals(0640, attributes.mode & 07777);
    assertTrue(attributes.uid != other);
  }

  /** Of the calling thread alone: CAP_CHOWN leaves its effective capabilities. */
  private static void dropChown() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment header = arena.allocate(8, 4);
      header.set(ValueLayout.JAVA_INT, 0, 0x20080522); // _LINUX_CAPABILITY_VERSION_3
      MemorySegment sets = arena.allocate(24, 4);
      assertEquals(0, Syscall.call(125, header.address(), sets.address(), 0));
      sets.set(ValueLayout.JAVA_INT, 0, sets.get(ValueLayout.JAVA_INT, 0) & ~1);
      assertEquals(0, Syscall.call(126, header.address(), sets.address(), 0));
    }
  }

  @Test
  void shouldAnswerEioWhenTheBackingFileIsCut() throws IOException {
    create("/f");
    write("/f", 0, bytes(20_000, 5));
    try (RandomAccessFile file = new RandomAccessFile(backing("f").toFile(), "rw")) {
      file.setLength(4096 + 5000);
    }
    assertEquals(-Errno.EIO, volume().read("/f", 0, 16_000, segment(new byte[10])));
  }

  @Test
  void shouldRemoveWhatWasBeingMadeWhenItWasKilled() throws IOException {
    Path left = root.resolve("volumes/v/tmp/left");
    Files.writeString(left, "half a file");
    Files.createDirectories(root.resolve("volumes/.new-w/tree"));
    Path epoch = Files.writeString(root.resolve("epochs/.new-w"), "half an epoch");
    reopen();
    assertTrue(Files.notExists(left));
    assertTrue(Files.notExists(epoch));
    assertTrue(Files.notExists(root.resolve("volumes/.new-w")));
  }
}

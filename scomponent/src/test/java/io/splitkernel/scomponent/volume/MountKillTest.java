package io.splitkernel.scomponent.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.scomponent.store.DirectoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The process of a mount is killed. */
@Timeout(120)
final class MountKillTest {
  private static final int BYTES = 1 << 20;

  @TempDir Path scratch;
  private Path point;
  private Path store;
  private Process child;

  @BeforeEach
  void mount() throws Exception {
    MountedModel.assumeFuse();
    point = Files.createDirectory(scratch.resolve("point"));
    store = scratch.resolve("store");
    child = MountingChild.start(point, store);
  }

  @AfterEach
  void unmount() throws Exception {
    if (child != null) {
      child.destroyForcibly().waitFor();
    }
    if (point != null && MountPoints.isMounted(point)) {
      MountPoints.unmount(point, true);
    }
  }

  private void kill() throws Exception {
    child.destroyForcibly();
    assertTrue(child.waitFor(30, TimeUnit.SECONDS));
  }

  private long backingBytes() throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(store.resolve("volumes"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  @Test
  void theNextMountRemovesWhatWasOpenWithoutAName() throws Exception {
    Path file = point.resolve("a");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      channel.write(ByteBuffer.allocate(BYTES));
      Files.delete(file);
      Files.writeString(point.resolve("b"), "stays");
      kill();
      assertNotEquals(0, backingBytes() / BYTES);
      try (DirectoryStore next = DirectoryStore.open(store)) {
        Volume volume = next.volume(MountingChild.VOLUME);
        MountSettings settings =
            MountSettings.of(point, "next").withDeadlines(MountSettings.STOP_DEADLINE_MS, 200);
        try (VolumeMount mount = VolumeMount.mount(volume, settings)) {
          Awaitility.await()
              .atMost(Duration.ofSeconds(30))
              .ignoreExceptions()
              .until(() -> backingBytes() < BYTES);
          assertEquals("stays", Files.readString(point.resolve("b")));
          assertFalse(mount.awaitEnd(0));
        }
        // The parent is there until a mount that used it ends.
        FileAttributes out = new FileAttributes();
        assertEquals(0, volume.lookup(FusePaths.HIDDEN, 0, out));
        assertEquals(0, volume.readDirectory(FusePaths.HIDDEN, 0, (n, id, type, next2) -> true));
        assertEquals(-Errno.ENOENT, volume.lookup("/a", 0, out));
      }
    } finally {
      assertThrows(IOException.class, channel::close);
    }
  }

  @Test
  void aDeadMountIsToldAndTakenAwayThoughAProgramIsInIt() throws Exception {
    Files.createDirectory(point.resolve("d"));
    assertFalse(MountPoints.isDead(point));
    Process inside = new ProcessBuilder("cat").directory(point.resolve("d").toFile()).start();
    try {
      kill();
      assertTrue(MountPoints.isMounted(point));
      assertTrue(MountPoints.isDead(point));
      assertEquals(-Errno.EBUSY, MountPoints.unmount(point, false));
      assertEquals(0, MountPoints.unmount(point, MountPoints.isDead(point)));
      assertFalse(MountPoints.isMounted(point));
      assertFalse(MountPoints.isDead(point));
    } finally {
      inside.destroyForcibly().waitFor();
    }
  }
}

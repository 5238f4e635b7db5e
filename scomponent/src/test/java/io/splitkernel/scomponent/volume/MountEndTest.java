package io.splitkernel.scomponent.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.protocol.files.FileAttributes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ends of a mount that are not quiet. */
@Timeout(120)
final class MountEndTest {
  private static final StandardOpenOption[] NEW = {
    StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE
  };

  /** Nothing may depend on it: whoever waits for so long hangs. */
  private static final int LONG_MS = 600_000;

  private final ModelVolume model = new ModelVolume();
  private final GatedVolume gated = new GatedVolume(model);
  private Path point;
  private VolumeMount mount;

  @BeforeEach
  void makePoint() throws Exception {
    MountedModel.assumeFuse();
    point = Files.createTempDirectory("lego-mount");
  }

  private void mount(int stopDeadlineMs) throws Exception {
    MountSettings settings = MountSettings.of(point, "gated").withAttributeTimeoutMs(0);
    mount = VolumeMount.mount(gated.volume, settings.withDeadlines(stopDeadlineMs, LONG_MS));
  }

  @AfterEach
  void unmount() throws Exception {
    gated.open();
    if (point == null) {
      return;
    }
    try {
      if (mount != null) {
        mount.close();
      }
    } finally {
      if (MountPoints.isMounted(point)) {
        MountPoints.unmount(point, true);
      }
      Files.delete(point);
    }
  }

  @Test
  void aVolumeThatDoesNotAnswerIsUnmountedAtTheDeadline() throws Exception {
    mount(200);
    try (FileChannel channel = FileChannel.open(point.resolve("a"), NEW)) {
      gated.shut();
      FutureTask<Long> size = new FutureTask<>(channel::size);
      Thread.ofPlatform().daemon().start(size);
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> gated.waiting() > 0);
      assertThrows(IOException.class, mount::close); // before the volume answers
      assertFalse(MountPoints.isMounted(point));
      assertThrows(ExecutionException.class, () -> size.get(30, TimeUnit.SECONDS));
      assertFalse(mount.awaitEnd(0));
      gated.open();
      assertTrue(mount.awaitEnd(LONG_MS));
      mount.close();
      assertThrows(IOException.class, channel::close); // where its process sees what it lost
    }
  }

  @Test
  void aVolumeThatAnswersLateIsUnmountedInOrder() throws Exception {
    mount(LONG_MS);
    Files.writeString(point.resolve("a"), "x");
    gated.shut();
    FutureTask<String> read = new FutureTask<>(() -> Files.readString(point.resolve("a")));
    Thread.ofPlatform().daemon().start(read);
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> gated.waiting() > 0);
    gated.open();
    assertEquals("x", read.get(30, TimeUnit.SECONDS));
    mount.close();
    assertTrue(mount.awaitEnd(0));
  }

  @Test
  void whatASharedMappingWroteReachesTheVolume() throws Exception {
    mount(LONG_MS);
    int bytes = 20 << 20;
    Path file = point.resolve("m");
    try (FileChannel channel = FileChannel.open(file, NEW);
        Arena arena = Arena.ofShared()) {
      MemorySegment map = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
      map.fill((byte) 'm');
      mount.close(); // while it is open and mapped
      assertTrue(mount.awaitEnd(0));
      FileAttributes out = new FileAttributes();
      assertEquals(0, model.lookup("/m", 0, out));
      assertEquals(bytes, out.sizeBytes);
      MemorySegment block = arena.allocate(1 << 20);
      for (long at = 0; at < bytes; at += block.byteSize()) {
        assertEquals(block.byteSize(), model.read("/m", out.id, at, block));
        for (long i = 0; i < block.byteSize(); i++) {
          if (block.get(ValueLayout.JAVA_BYTE, i) != 'm') {
            assertEquals(-1, at + i, "first byte that is missing");
          }
        }
      }
      assertThrows(IOException.class, channel::close);
    }
  }

  @Test
  void manyReadersAtTheEndAreNotWaitedForInVain() throws Exception {
    mount(LONG_MS);
    Files.write(point.resolve("a"), new byte[1 << 20]);
    Process readers =
        new ProcessBuilder(
                "sh", "-c", "for i in 1 2 3 4; do (while cat a; do :; done) & done; wait")
            .directory(point.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> readers.descendants().count() >= 4);
      mount.close();
      assertTrue(mount.awaitEnd(0));
      assertFalse(MountPoints.isMounted(point));
      assertTrue(readers.waitFor(30, TimeUnit.SECONDS));
    } finally {
      readers.descendants().forEach(ProcessHandle::destroyForcibly);
      readers.destroyForcibly().waitFor();
    }
  }
}

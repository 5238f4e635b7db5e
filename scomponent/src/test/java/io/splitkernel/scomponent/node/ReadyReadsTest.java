package io.splitkernel.scomponent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.scomponent.StorageCounter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reads of what is in memory, while every worker waits for a device. */
@Timeout(120)
final class ReadyReadsTest {
  private static final int BLOCK = Volume.BLOCK_BYTES;
  private static final long ID = 7;

  @TempDir private Path root;
  private GatedServer server;
  private FileClient client;
  private Volume volume;

  @BeforeEach
  void start() throws Exception {
    server = new GatedServer(root, 0);
    client = server.connect();
    volume = client.volume("v");
    assertEquals(0, volume.create("/f", ID, 0, 0600, 0, 0, new FileAttributes()));
    MemorySegment content = server.arena.allocate(4L * BLOCK).fill((byte) 5);
    assertEquals(4 * BLOCK, volume.write("/f", ID, 0, content));
  }

  @AfterEach
  void stop() {
    server.release();
    client.close();
    server.close();
  }

  @Test
  void shouldBeAnsweredWithoutAWorker() throws Exception {
    MemorySegment into = server.arena.allocate(2L * BLOCK, BLOCK);
    assumeTrue(
        server.store.volume("v").readNow("/f", ID, 0, into) == 2 * BLOCK,
        "the file system tells what is in memory");
    CompletableFuture<Integer> kept = server.keepWorker(volume);
    long before = server.component.counters().get(StorageCounter.READ_BYTES);
    into.fill((byte) 0);
    assertEquals(2 * BLOCK, volume.read("/f", ID, BLOCK, into));
    assertEquals(-1, into.mismatch(server.arena.allocate(2L * BLOCK).fill((byte) 5)));
    assertEquals(2 * BLOCK, server.component.counters().get(StorageCounter.READ_BYTES) - before);
    CompletableFuture<Integer> unaligned =
        CompletableFuture.supplyAsync(() -> volume.read("/f", ID, 1, into));
    assertThrows( // only a worker can tell
        TimeoutException.class, () -> unaligned.get(100, TimeUnit.MILLISECONDS));
    server.release();
    assertEquals(0, kept.get(30, TimeUnit.SECONDS));
    assertEquals(2 * BLOCK, unaligned.get(30, TimeUnit.SECONDS));
  }
}

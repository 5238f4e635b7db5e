package io.splitkernel.ci.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.client.FileClient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One storage component with little memory and as many clients as it takes. */
@Timeout(120)
final class ManyClientsTest {
  private static final int CLIENTS = 100;

  /** Operations of each client of the quicker half until all of them end. */
  private static final int OPERATIONS = 60;

  private static final long SEED = 0x5eed;

  @TempDir private Path root;
  private Fabric fabric;
  private SmallServer server;

  @BeforeEach
  void start() throws Exception {
    fabric = ShmFabric.open(ShmConfig.defaults());
    server = SmallServer.start(root, CLIENTS, 64);
  }

  @AfterEach
  void stop() {
    server.close();
    fabric.close();
  }

  @Test
  void shouldServeAHundredClientsFairlyWithinItsMemory() throws Exception {
    List<Future<FileClient>> connecting = new ArrayList<>();
    List<Future<Integer>> working = new ArrayList<>();
    List<FileClient> clients = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      for (int i = 0; i < CLIENTS; i++) {
        connecting.add(threads.submit(() -> server.connect(fabric)));
      }
      for (Future<FileClient> each : connecting) {
        clients.add(each.get());
      }
      FabricException refused =
          assertThrows(FabricException.class, () -> server.connect(fabric).close());
      assertTrue(refused.getMessage().contains("raise clients-max"), refused::getMessage);
      CountDownLatch half = new CountDownLatch(CLIENTS / 2);
      for (int i = 0; i < CLIENTS; i++) {
        MixedWork work = new MixedWork(clients.get(i).volume(SmallServer.VOLUME), i, SEED + i);
        working.add(threads.submit(() -> work.until(half, OPERATIONS)));
      }
      int[] done = new int[CLIENTS];
      for (int i = 0; i < CLIENTS; i++) {
        done[i] = working.get(i).get(60, TimeUnit.SECONDS);
      }
      Arrays.sort(done);
      assertTrue(done[0] >= OPERATIONS / 4, () -> "not fair: " + Arrays.toString(done));
      assertTrue(server.peakBytes() < server.boundBytes(), () -> "more than it may have");
    } finally {
      clients.forEach(FileClient::close);
    }
    try (FileClient late = server.connect(fabric)) {
      assertEquals(0, late.volume(SmallServer.VOLUME).lookup("/", 0, new FileAttributes()));
    }
  }

  /** A worker's memory for whole blocks around a piece counts against the heap's size. */
  @Test
  void shouldReadLongPiecesThatBeginWithinBlocks() throws Exception {
    int readers = 32;
    List<Future<Integer>> reading = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(readers);
        FileClient maker = server.connect(fabric);
        Arena arena = Arena.ofConfined()) {
      Volume volume = maker.volume(SmallServer.VOLUME);
      assertEquals(0, volume.create("/f", 1, 0, 0600, 0, 0, new FileAttributes()));
      MemorySegment piece = arena.allocate(Volume.TRANSFER_BYTES_MAX);
      assertEquals(piece.byteSize(), volume.write("/f", 1, 0, piece));
      assertEquals(piece.byteSize(), volume.write("/f", 1, piece.byteSize(), piece));
      for (int i = 0; i < readers; i++) {
        reading.add(threads.submit(() -> readPieces(server.connect(fabric))));
      }
      for (Future<Integer> each : reading) {
        assertEquals(0, each.get(60, TimeUnit.SECONDS));
      }
    }
  }

  private static int readPieces(FileClient client) {
    try (client;
        Arena arena = Arena.ofConfined()) {
      Volume volume = client.volume(SmallServer.VOLUME);
      for (int bytes = 60_000; ; bytes = Math.min(2 * bytes, Volume.TRANSFER_BYTES_MAX)) {
        int count = volume.read("/f", 1, 1, arena.allocate(bytes));
        if (count != bytes || bytes == Volume.TRANSFER_BYTES_MAX) {
          return count == bytes ? 0 : count;
        }
      }
    }
  }
}

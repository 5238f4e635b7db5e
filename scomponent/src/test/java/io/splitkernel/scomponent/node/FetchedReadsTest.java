package io.splitkernel.scomponent.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.IoUring;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.scomponent.StorageCounter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reads of what has to come from the device, which is a pipe here, while the worker is kept. */
@Timeout(120)
final class FetchedReadsTest {
  private static final int BLOCK = Volume.BLOCK_BYTES;
  private static final int FETCHES = 3;
  private static final long ID = 7;
  private static final long SYS_PIPE2 = 293;
  private static final long SYS_FADVISE = 221;
  private static final int DONT_NEED = 4;

  @TempDir private Path root;
  private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger fetches = new AtomicInteger();
  private volatile boolean cold;
  private GatedServer server;
  private FileClient client;
  private Volume volume;
  private int device;
  private int disk;

  @BeforeEach
  void start() throws Exception {
    try (IoUring ring = IoUring.open(1)) {
      assumeTrue(ring != null, "this kernel lets us use io_uring");
    }
    server = new GatedServer(root, FETCHES);
    MemorySegment ends = server.arena.allocate(8, 8);
    assertEquals(0, Syscall.call(SYS_PIPE2, ends.address(), 0, 0));
    device = ends.get(ValueLayout.JAVA_INT, 0);
    disk = ends.get(ValueLayout.JAVA_INT, 4);
    client = server.connect();
    volume = client.volume("v");
    assertEquals(0, volume.create("/f", ID, 0, 0600, 0, 0, new FileAttributes()));
    for (int i = 0; i < 8; i++) {
      MemorySegment content = server.arena.allocate(BLOCK).fill((byte) (i + 1));
      assertEquals(BLOCK, volume.write("/f", ID, (long) i * BLOCK, content));
    }
  }

  @AfterEach
  void stop() {
    server.release();
    client.close();
    server.close();
    readers.shutdownNow();
    FileDescriptor.close(device);
    FileDescriptor.close(disk);
  }

  /** What the file has is not in memory, as it seems, and its device is the pipe. */
  private void makeCold() {
    cold = true;
    server.replace("readNow", _ -> cold ? -Errno.EAGAIN : null);
    server.replace(
        "fetch",
        arguments -> {
          if (!arguments[3].equals(0)) {
            return false;
          }
          boolean begun = ((Volume.Fetcher) arguments[4]).fetch(device, 0, 1);
          fetches.incrementAndGet();
          return begun;
        });
  }

  private CompletableFuture<Integer> read(int block) {
    return CompletableFuture.supplyAsync(
        () -> {
          MemorySegment into = server.arena.allocate(BLOCK, BLOCK);
          int count = volume.read("/f", ID, (long) block * BLOCK, into);
          return count == BLOCK ? into.get(ValueLayout.JAVA_BYTE, BLOCK - 1) : Math.min(count, 0);
        },
        readers);
  }

  private void deviceAnswers(int reads) {
    MemorySegment bytes = server.arena.allocate(reads);
    assertEquals(reads, Syscall.call(1, disk, bytes.address(), reads));
  }

  @Test
  void shouldNotTakeAWorker() throws Exception {
    assumeTrue(
        server.store.volume("v").readNow("/f", ID, 0, server.arena.allocate(BLOCK)) == BLOCK,
        "the file system tells what is in memory");
    CompletableFuture<Integer> kept = server.keepWorker(volume);
    makeCold();
    List<CompletableFuture<Integer>> reads = new ArrayList<>();
    for (int i = 0; i < FETCHES; i++) {
      reads.add(read(i));
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> fetches.get() == FETCHES);
    CompletableFuture<Integer> oneMore = read(FETCHES);
    assertThrows(TimeoutException.class, () -> oneMore.get(100, TimeUnit.MILLISECONDS));
    assertEquals(FETCHES, fetches.get(), "there is no room for it");
    reads.forEach(r -> assertFalse(r.isDone()));
    cold = false;
    deviceAnswers(FETCHES);
    for (int i = 0; i < FETCHES; i++) {
      assertEquals(i + 1, reads.get(i).get(30, TimeUnit.SECONDS));
    }
    assertFalse(oneMore.isDone(), "a worker has to do it");
    server.release();
    assertEquals(0, kept.get(30, TimeUnit.SECONDS));
    assertEquals(FETCHES + 1, oneMore.get(30, TimeUnit.SECONDS));
  }

  @Test
  void shouldTakeAWorkerWhenItIsStillNotInMemory() throws Exception {
    makeCold();
    CompletableFuture<Integer> read = read(5);
    await().atMost(Duration.ofSeconds(30)).until(() -> fetches.get() == 1);
    deviceAnswers(1);
    assertEquals(6, read.get(30, TimeUnit.SECONDS));
    assertEquals(1, fetches.get());
  }

  @Test
  void shouldEndWithTheConnection() throws Exception {
    makeCold();
    CompletableFuture<Integer> read = read(0);
    await().atMost(Duration.ofSeconds(30)).until(() -> fetches.get() == 1);
    client.close();
    assertEquals(true, read.get(30, TimeUnit.SECONDS) < 0);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.component.counters().get(StorageCounter.CLIENTS) == 0);
    try (FileClient next = server.connect()) {
      assertEquals(0, next.volume("v").create("/g", 8, 0, 0600, 0, 0, new FileAttributes()));
    }
  }

  @Test
  void shouldComeFromTheFile() throws Exception {
    assertEquals(0, volume.sync("/f", ID, false));
    Path backing;
    try (Stream<Path> files = Files.walk(root)) {
      backing = files.filter(f -> f.endsWith("f") && Files.isRegularFile(f)).findFirst().get();
    }
    MemorySegment into = server.arena.allocate(BLOCK, BLOCK);
    int fd = LinuxFiles.openLocal(backing.toString(), LinuxFiles.O_RDONLY, 0);
    Syscall.call(SYS_FADVISE, fd, 0, 0, DONT_NEED, 0, 0);
    FileDescriptor.close(fd);
    Volume local = server.store.volume("v");
    assumeTrue(
        local.readNow("/f", ID, 4L * BLOCK, into) == -Errno.EAGAIN,
        "the file system drops what is not needed");
    CompletableFuture<Integer> kept = server.keepWorker(volume);
    for (int i = 0; i < 8; i++) {
      assertEquals(i + 1, read(i).get(30, TimeUnit.SECONDS));
    }
    server.release();
    assertEquals(0, kept.get(30, TimeUnit.SECONDS));
  }
}

package io.splitkernel.fabric.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.FabricPair;
import io.splitkernel.fabric.FabricPair.Options;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.WorkRequest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Memories and regions come and go under readers with good and stale keys: a read either fails or
 * returns one generation of bytes, never a mixture, never what came after.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ShmChurnTest {
  private static final int REGIONS = 4;
  private static final int REGION_BYTES = 16_384;
  private static final int READERS = 3;
  private static final int READS_MIN = 50_000;
  private static final int REFUSALS_MIN = 500;
  private static final byte POISON = 0;

  private final AtomicIntegerArray keys = new AtomicIntegerArray(REGIONS);
  private final AtomicInteger mixtures = new AtomicInteger();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private volatile boolean failed;

  private boolean isOver() {
    boolean enough = reads.get() >= READS_MIN && refusals.get() >= REFUSALS_MIN;
    return enough || failed || mixtures.get() > 0;
  }

  @Test
  void shouldNeverMixGenerationsWhenMemoriesChurn() throws Exception {
    try (FabricPair pair =
        new FabricPair(
            ShmFabric.open(ShmConfig.defaults()),
            ShmFabric.open(ShmConfig.defaults()),
            1 << 20,
            Options.defaults())) {
      List<CompletableFuture<Void>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        int reader = i;
        readers.add(CompletableFuture.runAsync(() -> read(pair, reader), FabricPair::start));
      }
      churn(pair);
      for (CompletableFuture<Void> reader : readers) {
        reader.get(30, TimeUnit.SECONDS);
      }
    }
    assertEquals(0, mixtures.get());
  }

  private void churn(FabricPair pair) throws Exception {
    for (int generation = 1; !isOver(); generation++) {
      byte value = (byte) (1 + generation % 120);
      FabricMemory memory = pair.server.fabric.allocateMemory(1 << 20, "churn");
      memory.segment().fill(value);
      MemoryRegion[] regions = new MemoryRegion[REGIONS];
      for (int i = 0; i < REGIONS; i++) {
        regions[i] = pair.server.domain.register(memory, i * 65536L, REGION_BYTES, 0, Access.ALL);
        keys.set(i, regions[i].rkey());
      }
      long wanted = reads.get() + 5;
      while (reads.get() < wanted && !isOver()) {
        Thread.onSpinWait();
      }
      for (int i = 0; i < REGIONS; i++) {
        regions[i].close();
        memory.segment().asSlice(i * 65536L, REGION_BYTES).fill(POISON);
      }
      memory.close();
    }
  }

  private void read(FabricPair pair, int reader) {
    SplittableRandom random = new SplittableRandom(reader);
    WorkRequest request = new WorkRequest();
    CompletionBatch batch = new CompletionBatch(1);
    try {
      CompletionQueue queue = pair.client.fabric.createCompletionQueue(64);
      while (!isOver()) {
        Connection connection =
            FabricPair.connect(
                pair.client.domain, queue, pair.client.fabric, pair.server, Options.defaults())[0];
        boolean refused = false;
        while (!refused && !isOver()) {
          long at = pair.client.region.iova() + reader * (long) REGION_BYTES;
          request
              .read(1, 0, keys.get(random.nextInt(REGIONS)))
              .local(pair.client.region.lkey(), at, REGION_BYTES);
          connection.post(request);
          while (queue.poll(batch) == 0) {
            queue.await(1_000_000_000L);
          }
          refused = batch.status(0) != CompletionStatus.SUCCESS;
          check(pair, reader, refused);
        }
        connection.close();
      }
    } catch (Exception e) {
      failed = true;
      throw new AssertionError(e);
    }
  }

  private void check(FabricPair pair, int reader, boolean refused) {
    if (refused) {
      refusals.incrementAndGet();
      return;
    }
    reads.incrementAndGet();
    MemorySegment got =
        pair.client.memory.segment().asSlice(reader * (long) REGION_BYTES, REGION_BYTES);
    byte first = got.get(ValueLayout.JAVA_BYTE, 0);
    for (long i = 0; i < REGION_BYTES; i += 64) {
      if (got.get(ValueLayout.JAVA_BYTE, i) != first || first == POISON) {
        mixtures.incrementAndGet();
        return;
      }
    }
  }
}

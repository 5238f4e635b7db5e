package io.splitkernel.launcher.files;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.client.TransferBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Copies one file, in pieces of 1 MiB of which a few are under way at once. */
final class FileCopy {
  private static final int UNDER_WAY = 4;

  private final CopyEnd from;
  private final CopyEnd to;
  private final Progress progress;
  private final AtomicLong next = new AtomicLong();
  private final AtomicBoolean over = new AtomicBoolean();

  FileCopy(CopyEnd from, CopyEnd to, Progress progress) {
    this.from = from;
    this.to = to;
    this.progress = progress;
  }

  /** Copies up to the end of the source as it is found, and commits. */
  void run() throws LegoFailure {
    try (ExecutorService threads = Executors.newFixedThreadPool(UNDER_WAY)) {
      List<Future<?>> parts = new ArrayList<>();
      for (int i = 0; i < UNDER_WAY; i++) {
        parts.add(
            threads.submit(() -> {
              copyPieces();
              return null;
            }));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LegoFailure failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LegoFailure(LegoFailure.FAILURE, "interrupted", e);
    }
    to.commit();
  }

  /** Between two volumes it is the source's. */
  private TransferBuffer leaseOrNull() throws LegoFailure {
    TransferBuffer lease = from.lease();
    return lease != null ? lease : to.lease();
  }

  private void copyPieces() throws LegoFailure {
    try (Arena arena = Arena.ofConfined();
        TransferBuffer lease = leaseOrNull()) {
      MemorySegment buffer =
          lease != null
              ? lease.segment()
              : arena.allocate(Volume.TRANSFER_BYTES_MAX, Volume.BLOCK_BYTES);
      while (!over.get()) {
        long offset = next.getAndAdd(Volume.TRANSFER_BYTES_MAX);
        int count = from.read(offset, buffer);
        if (count > 0) {
          to.write(offset, buffer.asSlice(0, count));
          progress.add(count);
        }
        if (count < buffer.byteSize()) {
          over.set(true);
        }
      }
    } catch (LegoFailure | RuntimeException e) {
      over.set(true);
      throw e;
    }
  }
}

package io.splitkernel.launcher.bench;

import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.Listener;
import io.splitkernel.fabric.WorkRequest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The passive side: lends memory to whoever connects, and tells where it is in one message. One
 * thread.
 */
public final class BenchServer implements Runnable, AutoCloseable {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final long SLICE_NS = 200_000_000L;

  private final Listener listener;
  private final BenchEnd end;
  private final CompletionBatch batch = new CompletionBatch(16);

  /**
   * Listens.
   *
   * @param fabric stays the caller's.
   * @param address to listen on.
   * @param memoryBytes that each client may use.
   * @throws FabricException when it cannot.
   */
  public BenchServer(Fabric fabric, FabricAddress address, long memoryBytes)
      throws FabricException {
    end = new BenchEnd(fabric, memoryBytes + BenchEnd.INTRODUCTION_BYTES, BenchEnd.DEPTH_MAX);
    listener = fabric.listen(address);
  }

  /** Where it listens. */
  public FabricAddress address() {
    return listener.address();
  }

  /** Serves until {@link #close}. */
  @Override
  public void run() {
    while (!listener.isClosed()) {
      try {
        ConnectionRequest request = listener.accept(SLICE_NS);
        if (request != null) {
          introduce(request);
        }
      } catch (FabricException e) {
        System.err.println("lego bench: " + e.getMessage()); // the next client may be luckier
      }
      drain();
    }
  }

  private void introduce(ConnectionRequest request) throws FabricException {
    long length = end.memory.lengthBytes() - BenchEnd.INTRODUCTION_BYTES;
    MemorySegment words = end.memory.segment().asSlice(length, BenchEnd.INTRODUCTION_BYTES);
    words.set(LONG, 0, end.region.iova());
    words.set(LONG, 16, length);
    Connection connection = request.accept(end.config);
    words.set(LONG, 8, end.region.rkeyOn(connection));
    connection.onDisconnect(connection::close);
    long at = end.region.iova() + length;
    int lkey = end.region.lkeyOn(connection);
    connection.post(new WorkRequest().send(1).local(lkey, at, BenchEnd.INTRODUCTION_BYTES));
  }

  private void drain() {
    int drained = end.queue.poll(batch);
    while (drained > 0) {
      drained = end.queue.poll(batch);
    }
  }

  @Override
  public void close() {
    listener.close();
  }
}

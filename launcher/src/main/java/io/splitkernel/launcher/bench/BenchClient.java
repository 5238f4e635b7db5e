package io.splitkernel.launcher.bench;

import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.TickClock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.HdrHistogram.Histogram;

/**
 * The active side: connects, learns where the memory is, and measures. One thread; the loops that
 * are measured allocate nothing.
 */
public final class BenchClient implements AutoCloseable {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final long HIGHEST_NS = 60_000_000_000L;

  /** A spinning wait looks at the clock once in so many empty polls, less one. */
  private static final int CLOCK_MASK = 1023;

  private static final int CHUNK = 16;

  private static final int DIGITS = 3;
  private static final long WAIT_NS = 1_000_000_000L;

  /** Addresses and keys of an operation. */
  record Target(long remoteAddress, int rkey, long localAddress, int lkey) {}

  private final BenchEnd end;
  private final Connection connection;
  private final Target target;
  private final long lengthBytes;
  private final CompletionBatch batch = new CompletionBatch(64);

  /**
   * Connects.
   *
   * @param fabric stays the caller's.
   * @param server where a {@link BenchServer} listens.
   * @param memoryBytes of the largest operation.
   * @param depth operations that may be outstanding: 1 for latencies.
   * @throws FabricException when it cannot, or the server lends less.
   */
  public BenchClient(Fabric fabric, FabricAddress server, long memoryBytes, int depth)
      throws FabricException {
    end = new BenchEnd(fabric, Math.max(memoryBytes, BenchEnd.INTRODUCTION_BYTES), depth);
    connection = fabric.connect(server, end.config, new byte[0], BenchEnd.TIMEOUT_NS);
    int lkey = end.region.lkeyOn(connection);
    connection.postReceive(1, lkey, end.region.iova(), BenchEnd.INTRODUCTION_BYTES);
    take(1, true);
    MemorySegment words = end.memory.segment();
    lengthBytes = words.get(LONG, 16);
    target = new Target(words.get(LONG, 0), (int) words.get(LONG, 8), end.region.iova(), lkey);
    if (lengthBytes < memoryBytes) {
      connection.close();
      throw new FabricException(
          String.format(
              "the server lends %d bytes, %d are wanted; start it with -s %2$d",
              lengthBytes, memoryBytes));
    }
  }

  /** Provider that carries the operations: {@code shm} or {@code verbs}. */
  public String provider() {
    return connection.provider();
  }

  /** RDMA device that carries them, or empty. */
  public String device() {
    return connection.device();
  }

  /**
   * Measures.
   *
   * @param plan what and how often.
   * @return what came out.
   * @throws FabricException when an operation fails; nothing is measured then.
   */
  public BenchResult run(BenchPlan plan) throws FabricException {
    end.memory.segment().fill((byte) 0);
    return plan.operation().isBandwidth() ? bandwidth(plan) : latency(plan);
  }

  private BenchResult latency(BenchPlan plan) throws FabricException {
    WorkRequest request = new WorkRequest();
    plan.operation().prepare(request, target, plan.sizeBytes());
    long[] ended = new long[plan.iterations() + 1];
    for (int left = plan.warmUp(); left > 0; left -= CHUNK) {
      several(request, plan.events(), ended, 0, Math.min(CHUNK, ended.length));
    }
    for (int i = 0; i < ended.length; i += CHUNK) {
      several(request, plan.events(), ended, i, Math.min(i + CHUNK, ended.length));
    }
    double nsPerTick = TickClock.nsPerTick();
    Histogram histogram = new Histogram(HIGHEST_NS, DIGITS);
    for (int i = 1; i < ended.length; i++) {
      long ns = Math.round((ended[i] - ended[i - 1]) * nsPerTick);
      histogram.recordValue(Math.clamp(ns, 0, HIGHEST_NS));
    }
    return new BenchResult(plan, histogram, 0, 0);
  }

  /**
   * One reading of the clock for each operation, kept and looked at later, as perftest does it. A
   * few at a time: a method that is called often is compiled as a whole, a loop that is entered
   * once runs long in the interpreter.
   */
  private void several(WorkRequest request, boolean events, long[] ended, int from, int to)
      throws FabricException {
    for (int i = from; i < to; i++) {
      post(request);
      take(1, events);
      ended[i] = TickClock.ticks();
    }
  }

  private BenchResult bandwidth(BenchPlan plan) throws FabricException {
    WorkRequest request = new WorkRequest();
    plan.operation().prepare(request, target, plan.sizeBytes());
    move(request, Math.max(plan.warmUp(), 1), plan, null);
    long[] ended = new long[plan.iterations()];
    long start = System.nanoTime();
    move(request, plan.iterations(), plan, ended);
    return new BenchResult(
        plan,
        new Histogram(DIGITS),
        peak(ended, start, plan),
        rate(ended.length, plan.sizeBytes(), ended[ended.length - 1] - start));
  }

  /** Keeps the queue full until all have completed. */
  private void move(WorkRequest request, int count, BenchPlan plan, long[] ended)
      throws FabricException {
    int posted = 0;
    int done = 0;
    int empty = 0;
    long deadline = 0;
    while (done < count) {
      while (posted < count && posted - done < plan.depth()) {
        post(request);
        posted++;
      }
      int taken = takeSome(plan.events());
      if (taken > 0) {
        deadline = 0;
        if (ended != null) {
          Arrays.fill(ended, done, done + taken, System.nanoTime());
        }
      } else if (plan.events() || (++empty & CLOCK_MASK) == 0) {
        deadline = checkDeadline(deadline);
      }
      done += taken;
    }
  }

  /** The best rate over any tenth of the operations. */
  private static double peak(long[] ended, long start, BenchPlan plan) {
    int part = Math.max(plan.depth(), ended.length / 10);
    double best = 0;
    for (int i = part - 1; i < ended.length; i++) {
      long from = i < part ? start : ended[i - part];
      best = Math.max(best, rate(Math.min(part, i + 1), plan.sizeBytes(), ended[i] - from));
    }
    return best;
  }

  private static double rate(int operations, int sizeBytes, long nanos) {
    return (double) operations * sizeBytes / (1 << 20) / (Math.max(1, nanos) / 1e9);
  }

  private void post(WorkRequest request) throws FabricException {
    int result = connection.post(request);
    if (result != Connection.POSTED) {
      throw new FabricException("not posted (" + result + "): " + connection.errorReason());
    }
  }

  private void take(int count, boolean events) throws FabricException {
    int left = count;
    long deadline = 0;
    int empty = 0;
    while (left > 0) {
      int taken = takeSome(events);
      left -= taken;
      if (taken == 0 && (events || (++empty & CLOCK_MASK) == 0)) {
        deadline = checkDeadline(deadline);
      }
    }
  }

  /** The deadline of a wait that has begun earlier, or of one that begins now, which 0 says. */
  private static long checkDeadline(long deadlineNs) throws FabricException {
    long now = System.nanoTime();
    if (deadlineNs != 0 && now - deadlineNs > 0) {
      throw new FabricException("no completion within 10 s; the other side has stopped");
    }
    return deadlineNs == 0 ? now + BenchEnd.TIMEOUT_NS : deadlineNs;
  }

  private int takeSome(boolean events) throws FabricException {
    int taken = end.queue.poll(batch);
    for (int i = 0; i < taken && !batch.isAllSuccess(); i++) {
      if (batch.status(i) != CompletionStatus.SUCCESS) {
        throw new FabricException("an operation ended with " + batch.status(i));
      }
    }
    if (taken == 0 && events) {
      end.queue.await(WAIT_NS);
    }
    return taken;
  }

  @Override
  public void close() {
    connection.close();
  }
}

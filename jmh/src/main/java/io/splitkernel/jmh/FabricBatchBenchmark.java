package io.splitkernel.jmh;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.WorkRequest;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Atomics of a fabric beside their floor, and what posting 16 pages at once saves. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class FabricBatchBenchmark {
  private static final int BATCH = 16;
  private static final int PAGE_BYTES = 4096;
  private static final long MEMORY_BYTES = 16L << 20;
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  /** Provider; verbs needs an RDMA device, and memory that may be locked. */
  @Param({"shm"})
  public String fabric;

  private final WorkRequest request = new WorkRequest();
  private final WorkRequest[] requests = new WorkRequest[BATCH];
  private FabricEnds ends;
  private long value;

  /** Connects the two ends. */
  @Setup
  public void connect() throws FabricException {
    ends = new FabricEnds(fabric, MEMORY_BYTES);
    for (int i = 0; i < BATCH; i++) {
      requests[i] = new WorkRequest();
    }
    value = (long) LONG.get(ends.remote.segment(), 0L);
  }

  /** Closes both ends. */
  @TearDown
  public void close() {
    ends.close();
  }

  /** The floor of the atomics: one on the far memory itself. */
  @Benchmark
  public long compareAndSwapFloor() {
    long seen = (long) LONG.compareAndExchange(ends.remote.segment(), 0L, value, value + 1);
    value++;
    return seen;
  }

  /** Remote compare-and-swap of 8 bytes, which always succeeds. */
  @Benchmark
  public void compareAndSwap() {
    ends.complete(
        request
            .compareAndSwap(1, ends.remoteRegion.iova(), ends.remoteRegion.rkey(), value, value + 1)
            .local(ends.localRegion.lkey(), ends.localRegion.iova(), 8));
    value++;
  }

  /** Remote addition to 8 bytes. */
  @Benchmark
  public void fetchAndAdd() {
    ends.complete(
        request
            .fetchAndAdd(1, ends.remoteRegion.iova(), ends.remoteRegion.rkey(), 1)
            .local(ends.localRegion.lkey(), ends.localRegion.iova(), 8));
    value++;
  }

  /** READ of 16 pages posted with one doorbell; time per page. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void readPagesTogether() {
    for (int i = 0; i < BATCH; i++) {
      long at = (long) i * PAGE_BYTES;
      requests[i]
          .read(i, ends.remoteRegion.iova() + at, ends.remoteRegion.rkey())
          .local(ends.localRegion.lkey(), ends.localRegion.iova() + at, PAGE_BYTES);
    }
    ends.complete(requests);
  }
}

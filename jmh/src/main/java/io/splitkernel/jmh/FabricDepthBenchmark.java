package io.splitkernel.jmh;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.WorkRequest;
import java.lang.foreign.MemorySegment;
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

/** Throughput of a fabric with several operations outstanding, beside a plain copy. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class FabricDepthBenchmark {
  private static final int OPERATIONS = 256;
  private static final long MEMORY_BYTES = 4L << 20;

  /** Provider; verbs needs an RDMA device, and memory that may be locked. */
  @Param({"shm"})
  public String fabric;

  /** Bytes of one operation. */
  @Param({"8", "4096", "65536", "1048576"})
  public int bytes;

  /** Operations outstanding. */
  @Param({"1", "4", "16", "64"})
  public int depth;

  private final WorkRequest request = new WorkRequest();
  private FabricEnds ends;

  /** Connects the two ends. */
  @Setup
  public void connect() throws FabricException {
    ends = new FabricEnds(fabric, MEMORY_BYTES);
  }

  /** Closes both ends. */
  @TearDown
  public void close() {
    ends.close();
  }

  /** The floor: the same bytes copied as often. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public void copyFloor() {
    for (int i = 0; i < OPERATIONS; i++) {
      MemorySegment.copy(ends.remote.segment(), 0, ends.local.segment(), 0, bytes);
    }
  }

  /** READs; time of one. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public void read() {
    ends.complete(
        request
            .read(1, ends.remoteRegion.iova(), ends.remoteRegion.rkey())
            .local(ends.localRegion.lkey(), ends.localRegion.iova(), bytes),
        OPERATIONS,
        depth);
  }

  /** WRITEs; time of one. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public void write() {
    ends.complete(
        request
            .write(1, ends.remoteRegion.iova(), ends.remoteRegion.rkey())
            .local(ends.localRegion.lkey(), ends.localRegion.iova(), bytes),
        OPERATIONS,
        depth);
  }
}

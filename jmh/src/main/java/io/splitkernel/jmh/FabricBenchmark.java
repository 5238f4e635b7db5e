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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One-sided operations of a fabric by size, from post to completion, beside their floor: the same
 * bytes copied between the same two memories. The offsets walk through 64 MiB, so that both miss
 * the processor's caches alike.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class FabricBenchmark {
  private static final long MEMORY_BYTES = 64L << 20;

  /** Provider; verbs needs an RDMA device, and memory that may be locked. */
  @Param({"shm"})
  public String fabric;

  /** Bytes of one operation. */
  @Param({"8", "64", "512", "4096", "65536", "1048576"})
  public int bytes;

  private final WorkRequest request = new WorkRequest();
  private FabricEnds ends;
  private MemorySegment local;
  private MemorySegment remote;
  private long localIova;
  private long remoteIova;
  private int lkey;
  private int rkey;
  private long offset;

  /** Connects the two ends. */
  @Setup
  public void connect() throws FabricException {
    ends = new FabricEnds(fabric, MEMORY_BYTES);
    local = ends.local.segment();
    remote = ends.remote.segment();
    localIova = ends.localRegion.iova();
    remoteIova = ends.remoteRegion.iova();
    lkey = ends.localRegion.lkey();
    rkey = ends.remoteRegion.rkey();
  }

  /** Closes both ends. */
  @TearDown
  public void close() {
    ends.close();
  }

  private long nextOffset() {
    long next = offset + Math.max(4096, bytes) + 4096L * 7;
    offset = next + bytes > MEMORY_BYTES ? 0 : next & -4096L;
    return offset;
  }

  /** The floor: a copy from the far memory to the near one. */
  @Benchmark
  public void copyFloor() {
    long at = nextOffset();
    MemorySegment.copy(remote, at, local, at, bytes);
  }

  /** RDMA READ. */
  @Benchmark
  public void read() {
    long at = nextOffset();
    ends.complete(request.read(1, remoteIova + at, rkey).local(lkey, localIova + at, bytes));
  }

  /** RDMA WRITE. */
  @Benchmark
  public void write() {
    long at = nextOffset();
    ends.complete(request.write(1, remoteIova + at, rkey).local(lkey, localIova + at, bytes));
  }
}

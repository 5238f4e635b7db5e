package io.splitkernel.pcomponent.fault;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The counters of a processor component: one off-heap 8-byte cell each, in the order of {@link
 * ProcessorCounter}. Written by the pager thread, but for {@link #countAnywhere}; read by any
 * thread or, when the memory is shared, any process.
 */
public final class ProcessorCounters {
  private static final VarHandle CELL = ValueLayout.JAVA_LONG.varHandle();

  private final MemorySegment cells;

  /**
   * @param cells at least {@link #bytes} bytes, 8-byte aligned, zeroed.
   */
  public ProcessorCounters(MemorySegment cells) {
    this.cells = cells;
  }

  /** Counters in memory of their own. */
  public ProcessorCounters() {
    this(Arena.ofAuto().allocate(bytes(), 64));
  }

  /** Bytes that all counters take. */
  public static long bytes() {
    return 8L * ProcessorCounter.values().length;
  }

  /** Value of a counter. Any thread. */
  public long get(ProcessorCounter counter) {
    return (long) CELL.getOpaque(cells, 8L * counter.ordinal());
  }

  void add(ProcessorCounter counter, long delta) {
    set(counter, cells.get(ValueLayout.JAVA_LONG, 8L * counter.ordinal()) + delta);
  }

  void increment(ProcessorCounter counter) {
    add(counter, 1);
  }

  /** Any thread: increments a counter that the pager thread does not write. */
  public void countAnywhere(ProcessorCounter counter) {
    CELL.getAndAdd(cells, 8L * counter.ordinal(), 1L);
  }

  void set(ProcessorCounter counter, long value) {
    CELL.setOpaque(cells, 8L * counter.ordinal(), value);
  }
}

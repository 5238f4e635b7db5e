package io.splitkernel.pcomponent.node;

import io.splitkernel.pcomponent.fault.ProcessorCounter;
import io.splitkernel.pcomponent.fault.ProcessorCounters;
import io.splitkernel.protocol.cluster.CounterSource;
import java.util.Locale;

/** The counters of a processor component as its heartbeats carry them. */
final class CounterReport implements CounterSource {
  private static final ProcessorCounter[] COUNTERS = ProcessorCounter.values();

  private volatile ProcessorCounters counters;

  void source(ProcessorCounters live) {
    counters = live;
  }

  @Override
  public String[] names() {
    String[] names = new String[COUNTERS.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = COUNTERS[i].name().toLowerCase(Locale.ROOT);
    }
    return names;
  }

  @Override
  public void read(long[] values) {
    ProcessorCounters live = counters;
    for (int i = 0; i < values.length && live != null; i++) {
      values[i] = live.get(COUNTERS[i]);
    }
  }

  @Override
  public long freeBytes() {
    return 0;
  }
}

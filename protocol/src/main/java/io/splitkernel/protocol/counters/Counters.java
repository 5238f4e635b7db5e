package io.splitkernel.protocol.counters;

import io.splitkernel.protocol.cluster.CounterSource;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Values of one component's counters. Any thread; neither locks nor allocates.
 *
 * @param <E> the component's counters, each documented in its enum.
 */
public final class Counters<E extends Enum<E>> implements CounterSource {
  private final E[] keys;
  private final AtomicLongArray values;
  private final LongSupplier freeBytes;

  /**
   * All zero.
   *
   * @param type the component's enum.
   * @param freeBytes memory that is free at a memory component; 0 for others.
   */
  public Counters(Class<E> type, LongSupplier freeBytes) {
    this.keys = type.getEnumConstants();
    this.values = new AtomicLongArray(keys.length);
    this.freeBytes = freeBytes;
  }

  /**
   * Adds to a counter.
   *
   * @param counter which.
   * @param delta how much; negative for gauges that fall.
   */
  public void add(E counter, long delta) {
    values.addAndGet(counter.ordinal(), delta);
  }

  /**
   * Adds one.
   *
   * @param counter which.
   */
  public void increment(E counter) {
    values.incrementAndGet(counter.ordinal());
  }

  /**
   * Sets a gauge.
   *
   * @param counter which.
   * @param value its new value.
   */
  public void set(E counter, long value) {
    values.set(counter.ordinal(), value);
  }

  /**
   * Reads a counter.
   *
   * @param counter which.
   * @return its value now.
   */
  public long get(E counter) {
    return values.get(counter.ordinal());
  }

  @Override
  public String[] names() {
    String[] names = new String[keys.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = keys[i].name().toLowerCase(Locale.ROOT);
    }
    return names;
  }

  @Override
  public void read(long[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] = values.get(i);
    }
  }

  @Override
  public long freeBytes() {
    return freeBytes.getAsLong();
  }
}

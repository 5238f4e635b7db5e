package io.splitkernel.ci.architecture.planted;

import java.util.concurrent.atomic.AtomicLong;

/** Breaks the rule on static state with a final field whose content changes. */
public final class SharedTable {
  private static final AtomicLong TABLE = new AtomicLong();

  private SharedTable() {}

  static long offend() {
    return TABLE.incrementAndGet();
  }
}

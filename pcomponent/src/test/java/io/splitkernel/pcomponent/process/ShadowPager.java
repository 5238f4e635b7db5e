package io.splitkernel.pcomponent.process;

import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;

/**
 * A pager that registers nothing and only keeps the words that it would bring back: what it is told
 * to drop, move or hand over shows in them.
 */
final class ShadowPager {
  private static final long PAGE = 4096;

  /** First word of every page that is not zero, by address. */
  final TreeMap<Long, Long> words = new TreeMap<>();

  /** Holds that are not released. */
  int holds;

  private final LongUnaryOperator memory;

  /**
   * @param memory the first word of a page as it really is.
   */
  ShadowPager(LongUnaryOperator memory) {
    this.memory = memory;
  }

  AddressSpaces asAddressSpaces() {
    return (AddressSpaces)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {AddressSpaces.class},
            (proxy, method, a) -> call(method.getName(), a));
  }

  private Object call(String name, Object[] a) {
    switch (name) {
      case "bytesInUse" -> {
        return 0L;
      }
      case "hold" -> holds++;
      case "release" -> holds--;
      case "drop" -> drop((long) a[1], (long) a[2]);
      case "move" -> move((long) a[1], (long) a[2], (long) a[3]);
      case "localize" -> {
        drop((long) a[1], (long) a[2]); // the pages are there: its own words are not needed
        return 0;
      }
      case "register" -> {
        if ((boolean) a[3]) {
          adopt((long) a[1], (long) a[2]);
        }
        return 0;
      }
      default -> throw new AssertionError(name);
    }
    return null;
  }

  private void drop(long start, long end) {
    words.subMap(start, end).clear();
  }

  private void move(long from, long to, long length) {
    Map<Long, Long> moved = new TreeMap<>(words.subMap(from, from + length));
    drop(from, from + length);
    moved.forEach((address, word) -> words.put(address - from + to, word));
  }

  private void adopt(long start, long end) {
    for (long page = start; page < end; page += PAGE) {
      long word = memory.applyAsLong(page);
      if (word > 0) {
        words.put(page, word);
      }
    }
  }
}

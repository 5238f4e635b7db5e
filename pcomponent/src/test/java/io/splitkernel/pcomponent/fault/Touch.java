package io.splitkernel.pcomponent.fault;

import io.splitkernel.shims.NativeParts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** Loads and stores from native code, where a thread may wait for the pager. */
@SuppressWarnings("restricted")
final class Touch {
  private static final SymbolLookup LIBRARY = load();
  private static final MethodHandle LOAD = handle("lego_touch_load", true, 1);
  private static final MethodHandle STORE = handle("lego_touch_store", false, 2);
  private static final MethodHandle FILL = handle("lego_touch_fill", false, 4);
  private static final MethodHandle CHECK = handle("lego_touch_check", true, 4);
  private static final MethodHandle COPY = handle("lego_touch_copy", false, 3);
  private static final MethodHandle RANDOM = handle("lego_touch_random", true, 4);

  private static final MethodHandle ASK = handle("lego_touch_ask", true, 6);
  private static final MethodHandle FORK = handle("lego_touch_fork", true, 1);
  private static final MethodHandle REAP = handle("lego_touch_reap", true, 1);
  private static final MethodHandle SHARED_SIZE = handle("lego_touch_shared_size", true, 0);
  private static final MethodHandle CONTENTS = handle("lego_touch_contents_offset", true, 0);

  private Touch() {}

  private static SymbolLookup load() {
    try {
      Path file = Files.createTempFile("lego", ".so");
      Files.write(file, NativeParts.bytes("liblego_test_touch.so"));
      SymbolLookup lookup = SymbolLookup.libraryLookup(file, Arena.global());
      Files.delete(file);
      return lookup;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MethodHandle handle(String name, boolean returns, int arguments) {
    ValueLayout[] layouts = new ValueLayout[arguments];
    java.util.Arrays.fill(layouts, ValueLayout.JAVA_LONG);
    return Linker.nativeLinker()
        .downcallHandle(
            LIBRARY.findOrThrow(name),
            returns
                ? FunctionDescriptor.of(ValueLayout.JAVA_LONG, layouts)
                : FunctionDescriptor.ofVoid(layouts));
  }

  static long load(long address) {
    try {
      return (long) LOAD.invokeExact(address);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static void store(long address, long value) {
    try {
      STORE.invokeExact(address, value);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static void fill(long address, long count, long stride, long seed) {
    try {
      FILL.invokeExact(address, count, stride, seed);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static long check(long address, long count, long stride, long seed) {
    try {
      return (long) CHECK.invokeExact(address, count, stride, seed);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static void copy(long to, long from, long length) {
    try {
      COPY.invokeExact(to, from, length);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static long random(long address, long pages, long count, long seed) {
    try {
      return (long) RANDOM.invokeExact(address, pages, count, seed);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static long ask(long lane, long command, long a, long b, long c, long d) {
    try {
      return (long) ASK.invokeExact(lane, command, a, b, c, d);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static long fork(long shared) {
    try {
      return (long) FORK.invokeExact(shared);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static long reap(long pid) {
    try {
      return (long) REAP.invokeExact(pid);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static long sharedSize() {
    try {
      return (long) SHARED_SIZE.invokeExact();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  static long contentsOffset() {
    try {
      return (long) CONTENTS.invokeExact();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}

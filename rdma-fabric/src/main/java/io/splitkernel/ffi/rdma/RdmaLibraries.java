package io.splitkernel.ffi.rdma;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/** Finds libibverbs and librdmacm, and the functions in them. Any thread, control path. */
@SuppressWarnings("restricted")
public final class RdmaLibraries {
  private static final String VERBS_FILE = "libibverbs.so.1";
  private static final String CM_FILE = "librdmacm.so.1";
  private static final Optional<SymbolLookup> VERBS = load(VERBS_FILE);
  private static final Optional<SymbolLookup> CM = load(CM_FILE);
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO_VALUE =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private RdmaLibraries() {}

  /**
   * What is missing, with the cure, in one line.
   *
   * @return empty when both libraries are here.
   */
  public static Optional<String> missing() {
    if (VERBS.isPresent() && CM.isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        (VERBS.isEmpty() ? VERBS_FILE : CM_FILE)
            + " is not installed; on Debian: apt-get install rdma-core ibverbs-providers librdmacm1");
  }

  private static Optional<SymbolLookup> load(String file) {
    try {
      return Optional.of(SymbolLookup.libraryLookup(file, Arena.global()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** A function of libibverbs whose first argument is where errno goes. */
  static MethodHandle verbs(String name, FunctionDescriptor type) {
    return handle(VERBS.orElseThrow(), name, type);
  }

  /** A function of librdmacm whose first argument is where errno goes. */
  static MethodHandle cm(String name, FunctionDescriptor type) {
    return handle(CM.orElseThrow(), name, type);
  }

  /** A function of libibverbs without errno; data path. */
  static MethodHandle plainVerbs(String name, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(VERBS.orElseThrow().findOrThrow(name), type);
  }

  private static MethodHandle handle(SymbolLookup lookup, String name, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(lookup.findOrThrow(name), type, ERRNO);
  }

  /** A place for errno. */
  static MemorySegment errnoPlace(Arena arena) {
    return arena.allocate(Linker.Option.captureStateLayout());
  }

  /** The errno of a failed call, negative; EIO where the library has set none. */
  static int failure(MemorySegment place) {
    int errno = (int) ERRNO_VALUE.get(place, 0L);
    return errno > 0 ? -errno : -5;
  }

  /** A type of longs, which serve for pointers too. */
  static FunctionDescriptor longs(int arguments) {
    ValueLayout[] all = new ValueLayout[arguments];
    java.util.Arrays.fill(all, ValueLayout.JAVA_LONG);
    return FunctionDescriptor.of(ValueLayout.JAVA_LONG, all);
  }

  /** A type of longs with an int as its result. */
  static FunctionDescriptor longsToInt(int arguments) {
    return longs(arguments).changeReturnLayout(ValueLayout.JAVA_INT);
  }
}

package io.splitkernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * libfuse of this machine, and who asks during a call of it into this process, which can be told
 * only on the thread of that call; see fuse_get_context in fuse.h.
 */
@SuppressWarnings("restricted")
public final class FuseCaller {
  private static final long CONTEXT_BYTES = 40;
  private static final long UID_OFFSET = 8;
  private static final long GID_OFFSET = 12;

  private FuseCaller() {}

  /**
   * Loads the library for whoever looks its symbols up in this class loader.
   *
   * @param library absolute path of it.
   * @throws UnsatisfiedLinkError if it is none.
   */
  public static void load(Path library) {
    System.load(library.toString());
  }

  /** Not before the library is needed. */
  private static final class Context {
    static final MethodHandle GET = find();
  }

  private static MethodHandle find() {
    SymbolLookup library = SymbolLookup.libraryLookup("libfuse3.so.3", Arena.global());
    return Linker.nativeLinker()
        .downcallHandle(
            library.findOrThrow("fuse_get_context"),
            FunctionDescriptor.of(ValueLayout.ADDRESS),
            Linker.Option.critical(false));
  }

  private static MemorySegment context() {
    try {
      return ((MemorySegment) Context.GET.invokeExact()).reinterpret(CONTEXT_BYTES);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** User of the caller. */
  public static int uid() {
    return context().get(ValueLayout.JAVA_INT, UID_OFFSET);
  }

  /** Group of the caller. */
  public static int gid() {
    return context().get(ValueLayout.JAVA_INT, GID_OFFSET);
  }
}

package io.splitkernel.ffi;

import io.splitkernel.shims.NativeParts;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads {@code liblego_shim.so} out of the jar through a memfd, so that no file is left behind and
 * no {@code java.library.path} is needed.
 */
@SuppressWarnings("restricted")
final class ShimLibrary {
  private static final SymbolLookup LOOKUP = load();

  private ShimLibrary() {}

  static MethodHandle handle(String name, FunctionDescriptor type, Linker.Option... options) {
    MemorySegment symbol =
        LOOKUP
            .find(name)
            .orElseThrow(() -> new UnsatisfiedLinkError(name + " is not in liblego_shim.so"));
    return Linker.nativeLinker().downcallHandle(symbol, type, options);
  }

  private static SymbolLookup load() {
    Linker linker = Linker.nativeLinker();
    MethodHandle memfdCreate =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("memfd_create"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    MethodHandle close =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("close"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int fd = (int) memfdCreate.invokeExact(arena.allocateFrom(NativeParts.SHIM_LIBRARY), 1);
      if (fd < 0) {
        throw new UnsatisfiedLinkError("memfd_create failed: cannot load liblego_shim.so");
      }
      Path file = Path.of("/proc/self/fd/" + fd);
      Files.write(file, NativeParts.bytes(NativeParts.SHIM_LIBRARY));
      // By name: the Path variant resolves links first, and a memfd has no path to resolve to.
      SymbolLookup lookup = SymbolLookup.libraryLookup(file.toString(), Arena.global());
      int ignored = (int) close.invokeExact(fd);
      return lookup;
    } catch (IOException e) {
      throw new UnsatisfiedLinkError("cannot load liblego_shim.so: " + e.getMessage());
    } catch (Throwable e) {
      throw new LinkageError("cannot load liblego_shim.so", e);
    }
  }
}

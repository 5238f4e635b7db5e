package io.splitkernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** posix_spawn(3) with byte-exact arguments; the child belongs to the calling thread's waits. */
public final class Spawn {
  private static final MethodHandle SPAWN =
      ShimLibrary.handle(
          "lego_spawn",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

  private static final MethodHandle SERVER =
      ShimLibrary.handle(
          "lego_spawn_server",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

  private Spawn() {}

  /**
   * Starts a program that serves this process, in a session of its own, without arguments and
   * environment.
   *
   * @param path of the executable.
   * @param socket its standard input.
   * @return the pid, or {@code -errno}.
   */
  public static int startServer(String path, int socket) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) SERVER.invokeExact(arena.allocateFrom(path), socket);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /**
   * Starts a program with this process's files (but those that are close-on-exec), an empty signal
   * mask and default actions for what this process handles.
   *
   * @param path of the executable.
   * @param argv arguments, each without its NUL.
   * @param envp environment entries, each without its NUL.
   * @return the pid, or {@code -errno}.
   */
  public static int start(String path, List<byte[]> argv, List<byte[]> envp) {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          SPAWN.invokeExact(arena.allocateFrom(path), vector(arena, argv), vector(arena, envp));
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  private static MemorySegment vector(Arena arena, List<byte[]> strings) {
    MemorySegment pointers = arena.allocate(8L * (strings.size() + 1), 8);
    for (int i = 0; i < strings.size(); i++) {
      byte[] bytes = strings.get(i);
      MemorySegment copy = arena.allocate(bytes.length + 1L);
      MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
      pointers.set(ValueLayout.JAVA_LONG, 8L * i, copy.address());
    }
    return pointers;
  }
}

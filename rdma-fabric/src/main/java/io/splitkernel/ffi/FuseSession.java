package io.splitkernel.ffi;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The kernel's requests to a mounted libfuse, one by one, so that a server has threads of its own
 * and sees which file the kernel means; see fuse_lowlevel.h. After {@link FuseCaller#load}. Any
 * thread, each with a buffer of its own.
 */
@SuppressWarnings("restricted")
public final class FuseSession {
  // struct fuse_buf, with room for what later versions append.
  private static final long BUFFER_BYTES = 64;
  private static final long FLAGS_OFFSET = 8;
  private static final long MEMORY_OFFSET = 16;
  private static final int IS_FD = 2;
  // struct fuse_in_header.
  private static final long HEADER_BYTES = 40;
  private static final long OPCODE_OFFSET = 4;
  private static final long NODE_OFFSET = 16;
  private static final int INIT = 26;

  private static final AddressLayout POINTER = ValueLayout.ADDRESS;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  /** Not before the library is needed. */
  private static final class Functions {
    static final SymbolLookup LIBRARY = SymbolLookup.libraryLookup("libfuse3.so.3", Arena.global());
    static final MethodHandle SESSION =
        find("fuse_get_session", FunctionDescriptor.of(POINTER, POINTER));
    static final MethodHandle EXITED =
        find("fuse_session_exited", FunctionDescriptor.of(INT, POINTER));
    static final MethodHandle RECEIVE =
        find("fuse_session_receive_buf", FunctionDescriptor.of(INT, POINTER, POINTER));
    static final MethodHandle PROCESS =
        find("fuse_session_process_buf", FunctionDescriptor.ofVoid(POINTER, POINTER));
    static final MethodHandle INVALIDATE =
        find(
            "fuse_lowlevel_notify_inval_inode",
            FunctionDescriptor.of(INT, POINTER, LONG, LONG, LONG));
    static final MethodHandle FREE =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("free"),
                FunctionDescriptor.ofVoid(POINTER));

    private static MethodHandle find(String name, FunctionDescriptor type) {
      return Linker.nativeLinker().downcallHandle(LIBRARY.findOrThrow(name), type);
    }
  }

  private final MemorySegment session;

  /**
   * The session of a {@code struct fuse}.
   *
   * @param fuse mounted, and not destroyed as long as this is used.
   */
  public FuseSession(MemorySegment fuse) {
    try {
      session = (MemorySegment) Functions.SESSION.invokeExact(fuse);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** An empty buffer; libfuse gives it memory, which {@link #release} takes back. */
  public static MemorySegment buffer(Arena arena) {
    return arena.allocate(BUFFER_BYTES, Long.BYTES);
  }

  /** Gives a buffer's memory back. */
  public static void release(MemorySegment buffer) {
    try {
      Functions.FREE.invokeExact(buffer.get(POINTER, MEMORY_OFFSET));
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
    buffer.fill((byte) 0);
  }

  /** Whether there will be no more requests, or none are wanted any more. */
  public boolean exited() {
    try {
      return (int) Functions.EXITED.invokeExact(session) != 0;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Waits for a request; its length, 0 at the end, or a negative error number. */
  public int receive(MemorySegment buffer) {
    try {
      return (int) Functions.RECEIVE.invokeExact(session, buffer);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Whether a received request is the kernel's first, which settles how both work together. */
  public static boolean isInit(MemorySegment buffer) {
    return (buffer.get(INT, FLAGS_OFFSET) & IS_FD) == 0
        && buffer.get(POINTER, MEMORY_OFFSET).reinterpret(HEADER_BYTES).get(INT, OPCODE_OFFSET)
            == INIT;
  }

  /** The kernel's number of the file that a received request is about, 0 when not known. */
  public static long node(MemorySegment buffer) {
    if ((buffer.get(INT, FLAGS_OFFSET) & IS_FD) != 0) {
      return 0;
    }
    return buffer.get(POINTER, MEMORY_OFFSET).reinterpret(HEADER_BYTES).get(LONG, NODE_OFFSET);
  }

  /** Carries a received request out: calls the table of operations, and answers. */
  public void process(MemorySegment buffer) {
    try {
      Functions.PROCESS.invokeExact(session, buffer);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /**
   * Makes the kernel ask for a file's attributes when it needs them next. It waits for nothing, so
   * it may be called while a request about the file is carried out.
   *
   * @param node of the file.
   * @return 0, or -ENOENT when the kernel does not know it any more.
   */
  public int forgetAttributes(long node) {
    try {
      // A negative offset spares the pages, whose locks may wait for other requests.
      return (int) Functions.INVALIDATE.invokeExact(session, node, -1L, 0L);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}

package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.PidFd;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Spawn;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.shims.NativeParts;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts the launcher binary out of a memfd and leads it, step by step over a socket, to the point
 * where it becomes the program.
 */
final class Launch implements AutoCloseable {
  private static final long SYS_READ = 0;
  private static final long SYS_WRITE = 1;
  private static final long SYS_SOCKETPAIR = 53;
  private static final long SYS_FCNTL = 72;
  private static final long SYS_MEMFD_CREATE = 319;
  private static final long F_SETFD = 2;
  private static final long STEP_NS = 10_000_000_000L;

  private final int pid;
  private final int control;

  private Launch(int pid, int control) {
    this.pid = pid;
    this.control = control;
  }

  int pid() {
    return pid;
  }

  /** Carries out the last step of a start. */
  private interface Starter {
    int start(String path, List<byte[]> argv, List<byte[]> environment) throws IOException;
  }

  /** Starts the launcher as a child of the calling thread; it waits for its filter. */
  static Launch start(ProgramSpec spec) throws IOException {
    return start(spec, Spawn::start);
  }

  /** Starts the launcher as a child of the keeper, with all that the program is to inherit. */
  static Launch start(ProgramSpec spec, FamilyKeeper keeper) throws IOException {
    return start(
        spec, (path, argv, entries) -> keeper.spawn(path, argv, entries, spec.inherited()));
  }

  private static Launch start(ProgramSpec spec, Starter starter) throws IOException {
    int binary = binary();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pair = arena.allocate(8, 4);
      long result = Syscall.call(SYS_SOCKETPAIR, 1, 5 | 0x80000, 0, pair.address(), 0, 0);
      if (result < 0) {
        throw new IOException("socketpair: " + Errno.text(result));
      }
      int ours = pair.get(ValueLayout.JAVA_INT, 0);
      int theirs = pair.get(ValueLayout.JAVA_INT, 4);
      Syscall.call(SYS_FCNTL, theirs, F_SETFD, 0);
      int pid = -1;
      try {
        pid = starter.start("/proc/self/fd/" + binary, argv(spec, theirs), spec.environment());
      } finally {
        FileDescriptor.close(theirs);
        if (pid < 0) {
          FileDescriptor.close(ours);
        }
      }
      if (pid < 0) {
        throw new IOException("cannot start the launcher: " + Errno.text(pid));
      }
      Launch launch = new Launch(pid, ours);
      launch.receive(1);
      return launch;
    } finally {
      FileDescriptor.close(binary);
    }
  }

  private static List<byte[]> argv(ProgramSpec spec, int control) {
    List<byte[]> argv = new ArrayList<>();
    for (String own :
        new String[] {
          "lego-launch",
          Integer.toString(control),
          spec.keptDescriptors(),
          spec.workingDirectory(),
          "--"
        }) {
      argv.add(own.getBytes(StandardCharsets.UTF_8));
    }
    argv.addAll(spec.argv());
    return argv;
  }

  private static int binary() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long fd = Syscall.call(SYS_MEMFD_CREATE, arena.allocateFrom("lego-launch").address(), 1, 0);
      if (fd < 0) {
        throw new IOException("memfd_create: " + Errno.text(fd));
      }
      Path file = Path.of("/proc/self/fd/" + fd);
      Files.write(file, NativeParts.bytes("lego-launch"));
      int readOnly = FileDescriptor.reopenReadOnly((int) fd);
      FileDescriptor.close((int) fd);
      return readOnly;
    }
  }

  /**
   * Lets the launcher install a filter and takes the listener.
   *
   * @param filter an array of {@code struct sock_filter}.
   */
  int takeListener(byte[] filter) throws IOException {
    send(filter);
    int fd = PidFd.steal(pid, receive(4));
    if (fd < 0) {
      throw new IOException("cannot take the seccomp listener: " + Errno.text(fd));
    }
    return fd;
  }

  /** Lets the launcher become the program. */
  void go() throws IOException {
    send(new byte[1]);
  }

  private void send(byte[] bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      if (Syscall.call(SYS_WRITE, control, copy.address(), bytes.length) != bytes.length) {
        throw new IOException("the launcher died before the program was started");
      }
    }
  }

  private int receive(int bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(8, 8);
      if (FileDescriptor.awaitReadable(control, STEP_NS) <= 0
          || Syscall.call(SYS_READ, control, buffer.address(), bytes) != bytes) {
        ProcessKiller.kill(pid);
        throw new IOException("the launcher gave up before the program was started");
      }
      return RawMemory.getInt(buffer.address());
    }
  }

  @Override
  public void close() {
    FileDescriptor.close(control);
  }
}

package io.splitkernel.pcomponent.access;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Spawn;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.ffi.UnixSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The running {@code lego-userfaultfd}, one for a whole run: it gets userfaultfds over a socket and
 * ends when that is closed. Who kills it gets a new one. Any thread.
 */
final class PrivilegeBroker implements AutoCloseable {
  private static final long SYS_WAIT4 = 61;
  private static final long SYS_KILL = 62;
  private static final long SIGKILL = 9;
  private static final long ANSWER_NS = 10_000_000_000L;
  private static final byte[] REQUEST = new byte[1];

  private final Path path;
  private int pid;
  private int socket = -1;

  PrivilegeBroker(Path path) {
    this.path = path;
  }

  /** UFFDIO_API by the helper: 0 or {@code -errno}; -EPERM also when there is no helper. */
  synchronized int makeReady(int userfaultfd) {
    boolean fresh = socket < 0;
    int result = start();
    if (result == 0) {
      result = ask(userfaultfd);
    }
    if (result == -Errno.ENOTCONN && !fresh) {
      result = start();
      result = result == 0 ? ask(userfaultfd) : result;
    }
    return result == -Errno.ENOTCONN ? -Errno.EPERM : result;
  }

  private int start() {
    if (socket >= 0) {
      return 0;
    }
    int[] pair = UnixSocket.pair();
    if (pair == null) {
      return -Errno.EMFILE;
    }
    int started = Spawn.startServer(path.toString(), pair[1]);
    FileDescriptor.close(pair[1]);
    if (started < 0) {
      FileDescriptor.close(pair[0]);
      return started == -Errno.EAGAIN || started == -Errno.ENOMEM ? started : -Errno.EPERM;
    }
    pid = started;
    socket = pair[0];
    return 0;
  }

  /** -ENOTCONN when the helper is gone. */
  private int ask(int userfaultfd) {
    byte[] answer = new byte[Integer.BYTES];
    if (UnixSocket.send(socket, REQUEST, userfaultfd) != REQUEST.length
        || FileDescriptor.awaitReadable(socket, ANSWER_NS) <= 0
        || UnixSocket.receive(socket, answer).result() != answer.length) {
      close();
      return -Errno.ENOTCONN;
    }
    return ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  @Override
  public synchronized void close() {
    FileDescriptor.close(socket);
    socket = -1;
    if (pid > 0) { // stopped, it would not see the end of the socket
      Syscall.call(SYS_KILL, pid, SIGKILL, 0);
      Syscall.call(SYS_WAIT4, pid, 0, 0);
    }
    pid = 0;
  }
}

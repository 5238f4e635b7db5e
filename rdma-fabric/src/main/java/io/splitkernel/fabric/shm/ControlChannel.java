package io.splitkernel.fabric.shm;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.UnixSocket;
import java.util.ArrayDeque;

/** A connected control socket. Any thread; never blocks. */
final class ControlChannel implements AutoCloseable {
  private static final int BACKLOG_MAX = 8192;

  /** What {@link #receive} found. */
  enum Outcome {
    /** A message. */
    MESSAGE,
    /** Nothing now. */
    NOTHING,
    /** The peer has gone. */
    END,
    /** Something that is not a message. */
    MALFORMED
  }

  private final EventLoop loop;
  private final byte[] buffer = new byte[ControlMessage.BYTES_MAX];
  private final ArrayDeque<byte[]> backlog = new ArrayDeque<>();
  private int fd;
  private int token;
  private ControlMessage received;

  ControlChannel(EventLoop loop, int fd) {
    this.loop = loop;
    this.fd = fd;
  }

  int fd() {
    return fd;
  }

  /** Hands readiness to a handler on the event thread from now on; false when out of resources. */
  synchronized boolean watch(EventLoop.Handler handler) {
    if (fd < 0) {
      return false;
    }
    if (token == 0) {
      token = loop.register(fd, handler);
      return token != 0;
    }
    loop.replace(token, handler);
    return true;
  }

  /** Whether the peer's end is closed; does not wait for the event thread to see it. */
  synchronized boolean isHungUp() {
    return fd < 0 || FileDescriptor.isHungUp(fd);
  }

  /** Sends; what does not fit is kept for later, but for messages with descriptors. */
  synchronized boolean send(byte[] message, int... descriptors) {
    if (fd < 0) {
      return false;
    }
    if (backlog.isEmpty()) {
      long result = UnixSocket.send(fd, message, descriptors);
      if (result >= 0) {
        return true;
      }
      if (result != -Errno.EAGAIN) {
        return false;
      }
    }
    if (descriptors.length > 0 || backlog.size() >= BACKLOG_MAX || token == 0) {
      return false;
    }
    backlog.add(message);
    loop.watchWritable(token, fd, true);
    return true;
  }

  private void flush() {
    while (!backlog.isEmpty()) {
      long result = UnixSocket.send(fd, backlog.peek());
      if (result < 0) {
        return;
      }
      backlog.poll();
      if (backlog.isEmpty()) {
        loop.watchWritable(token, fd, false);
      }
    }
  }

  /** Takes the next message, which {@link #message} then returns. One reading thread. */
  synchronized Outcome receive() {
    if (fd < 0) {
      return Outcome.NOTHING;
    }
    flush();
    UnixSocket.Received in = UnixSocket.receive(fd, buffer);
    if (in.result() == -Errno.EAGAIN || in.result() == -Errno.EINTR) {
      return Outcome.NOTHING;
    }
    if (in.result() <= 0) {
      return Outcome.END;
    }
    received = ControlMessage.parse(buffer, (int) in.result(), in.truncated(), in.descriptors());
    return received == null ? Outcome.MALFORMED : Outcome.MESSAGE;
  }

  ControlMessage message() {
    return received;
  }

  @Override
  public synchronized void close() {
    if (fd < 0) {
      return;
    }
    if (token != 0) {
      loop.unregister(token, fd);
    }
    FileDescriptor.close(fd);
    fd = -1;
  }
}

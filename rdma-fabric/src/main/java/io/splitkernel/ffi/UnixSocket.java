package io.splitkernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Unix-domain sockets of type SOCK_SEQPACKET in the abstract namespace, with descriptors passed by
 * SCM_RIGHTS: unix(7), cmsg(3). Non-blocking. Results are values or -errno. Any thread.
 */
public final class UnixSocket {
  /** Most descriptors in one message. */
  public static final int DESCRIPTORS_MAX = 8;

  private static final long SYS_SOCKET = 41;
  private static final long SYS_CONNECT = 42;
  private static final long SYS_SENDMSG = 46;
  private static final long SYS_RECVMSG = 47;
  private static final long SYS_BIND = 49;
  private static final long SYS_LISTEN = 50;
  private static final long SYS_SOCKETPAIR = 53;
  private static final long SYS_GETSOCKOPT = 55;
  private static final long SYS_ACCEPT4 = 288;
  private static final long AF_UNIX = 1;
  private static final long TYPE = 5 | 0x800 | 0x80000; // SEQPACKET | NONBLOCK | CLOEXEC
  private static final long SOL_SOCKET = 1;
  private static final long SO_PEERCRED = 17;
  private static final int SCM_RIGHTS = 1;
  private static final long MSG_DONTWAIT = 0x40;
  private static final long MSG_NOSIGNAL = 0x4000;
  private static final long MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSGHDR_BYTES = 56;
  private static final int CMSG_HEADER_BYTES = 16;
  private static final int NAME_BYTES_MAX = 107;
  private static final int[] NONE = {};

  private UnixSocket() {}

  /**
   * One received message.
   *
   * @param result bytes received, 0 at the end of the stream, or -errno.
   * @param truncated whether bytes or descriptors were cut off.
   * @param descriptors received, now owned by the caller.
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Received(long result, boolean truncated, int[] descriptors) {}

  /**
   * Who is at the other end.
   *
   * @param pid process.
   * @param uid effective user.
   */
  public record Peer(int pid, int uid) {}

  /** A new socket or -errno. */
  public static int create() {
    return (int) Syscall.call(SYS_SOCKET, AF_UNIX, TYPE, 0);
  }

  /**
   * Two sockets that are connected with each other, without names.
   *
   * @return both, or null when there is no descriptor left.
   */
  public static int[] pair() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pair = arena.allocate(8, 4);
      long result = Syscall.call(SYS_SOCKETPAIR, AF_UNIX, TYPE & ~0x800, 0, pair.address(), 0, 0);
      return result < 0
          ? null
          : new int[] {pair.get(ValueLayout.JAVA_INT, 0), pair.get(ValueLayout.JAVA_INT, 4)};
    }
  }

  /** Binds to an abstract name and listens. */
  public static long listen(int fd, String abstractName, int backlog) {
    long result = withName(SYS_BIND, fd, abstractName);
    return result < 0 ? result : Syscall.call(SYS_LISTEN, fd, backlog, 0);
  }

  /** Connects to an abstract name; -EAGAIN when the listener's backlog is full. */
  public static long connect(int fd, String abstractName) {
    return withName(SYS_CONNECT, fd, abstractName);
  }

  /** Takes the next connection, or -errno. */
  public static int accept(int fd) {
    return (int) Syscall.call(SYS_ACCEPT4, fd, 0, 0, 0x800 | 0x80000, 0, 0);
  }

  private static long withName(long nr, int fd, String abstractName) {
    byte[] name = abstractName.getBytes(StandardCharsets.US_ASCII);
    if (name.length > NAME_BYTES_MAX) {
      return -Errno.EINVAL;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(3L + name.length, 8);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, 3, name.length);
      return Syscall.call(nr, fd, address.address(), address.byteSize());
    }
  }

  /** Credentials of the peer at connect time, or null. */
  public static Peer peer(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment credentials = arena.allocate(12, 8);
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 12);
      long result =
          Syscall.call(
              SYS_GETSOCKOPT,
              fd,
              SOL_SOCKET,
              SO_PEERCRED,
              credentials.address(),
              length.address(),
              0);
      return result < 0
          ? null
          : new Peer(
              credentials.get(ValueLayout.JAVA_INT, 0), credentials.get(ValueLayout.JAVA_INT, 4));
    }
  }

  /** Sends one message with descriptors; the bytes sent or -errno. */
  public static long send(int fd, byte[] message, int... descriptors) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(Math.max(1, message.length), 8);
      MemorySegment.copy(message, 0, payload, ValueLayout.JAVA_BYTE, 0, message.length);
      MemorySegment control = MemorySegment.NULL;
      if (descriptors.length > 0) {
        long bytes = CMSG_HEADER_BYTES + 4L * descriptors.length;
        control = arena.allocate((bytes + 7) & ~7L, 8);
        control.set(ValueLayout.JAVA_LONG, 0, bytes);
        control.set(ValueLayout.JAVA_INT, 8, (int) SOL_SOCKET);
        control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
        MemorySegment.copy(
            descriptors, 0, control, ValueLayout.JAVA_INT, CMSG_HEADER_BYTES, descriptors.length);
      }
      MemorySegment header = header(arena, payload, message.length, control);
      return Syscall.call(SYS_SENDMSG, fd, header.address(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
  }

  /** Receives one message into {@code buffer}. */
  public static Received receive(int fd, byte[] buffer) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(buffer.length, 8);
      MemorySegment control = arena.allocate(CMSG_HEADER_BYTES + 4L * DESCRIPTORS_MAX, 8);
      MemorySegment header = header(arena, payload, buffer.length, control);
      long result =
          Syscall.call(SYS_RECVMSG, fd, header.address(), MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
      if (result < 0) {
        return new Received(result, false, NONE);
      }
      MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, 0, buffer, 0, (int) result);
      int flags = header.get(ValueLayout.JAVA_INT, 48);
      boolean truncated = (flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
      return new Received(result, truncated, descriptors(header, control));
    }
  }

  private static int[] descriptors(MemorySegment header, MemorySegment control) {
    long length = header.get(ValueLayout.JAVA_LONG, 40);
    if (length < CMSG_HEADER_BYTES
        || control.get(ValueLayout.JAVA_INT, 8) != SOL_SOCKET
        || control.get(ValueLayout.JAVA_INT, 12) != SCM_RIGHTS) {
      return NONE;
    }
    int count = (int) ((control.get(ValueLayout.JAVA_LONG, 0) - CMSG_HEADER_BYTES) / 4);
    int[] result = new int[Math.max(0, count)];
    Arrays.setAll(result, i -> control.get(ValueLayout.JAVA_INT, CMSG_HEADER_BYTES + 4L * i));
    return result;
  }

  private static MemorySegment header(
      Arena arena, MemorySegment payload, int lengthBytes, MemorySegment control) {
    MemorySegment vector = arena.allocate(16, 8);
    vector.set(ValueLayout.JAVA_LONG, 0, payload.address());
    vector.set(ValueLayout.JAVA_LONG, 8, lengthBytes);
    MemorySegment header = arena.allocate(MSGHDR_BYTES, 8);
    header.set(ValueLayout.JAVA_LONG, 16, vector.address());
    header.set(ValueLayout.JAVA_LONG, 24, 1);
    header.set(ValueLayout.JAVA_LONG, 32, control.address());
    header.set(ValueLayout.JAVA_LONG, 40, control.byteSize());
    return header;
  }
}

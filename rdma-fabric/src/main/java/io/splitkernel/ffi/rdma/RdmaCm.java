package io.splitkernel.ffi.rdma;

import static io.splitkernel.ffi.rdma.RdmaLibraries.longs;
import static io.splitkernel.ffi.rdma.RdmaLibraries.longsToInt;

import io.splitkernel.ffi.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * librdmacm (rdma/rdma_cma.h): connections by IP address. Objects are addresses; results are 0 or
 * {@code -errno}. Any thread; control path.
 */
public final class RdmaCm {
  /** Bytes that {@link #socketAddress} needs. */
  public static final int SOCKET_ADDRESS_BYTES = 28;

  private static final MethodHandle CREATE_EVENT_CHANNEL =
      RdmaLibraries.cm("rdma_create_event_channel", longs(0));
  private static final MethodHandle DESTROY_EVENT_CHANNEL = call("rdma_destroy_event_channel", 1);
  private static final MethodHandle CREATE_ID = call("rdma_create_id", 4);
  private static final MethodHandle DESTROY_ID = call("rdma_destroy_id", 1);
  private static final MethodHandle MIGRATE_ID = call("rdma_migrate_id", 2);
  private static final MethodHandle BIND_ADDR = call("rdma_bind_addr", 2);
  private static final MethodHandle LISTEN = call("rdma_listen", 2);
  private static final MethodHandle RESOLVE_ADDR = call("rdma_resolve_addr", 4);
  private static final MethodHandle RESOLVE_ROUTE = call("rdma_resolve_route", 2);
  private static final MethodHandle CREATE_QP = call("rdma_create_qp", 3);
  private static final MethodHandle DESTROY_QP = call("rdma_destroy_qp", 1);
  private static final MethodHandle CONNECT = call("rdma_connect", 2);
  private static final MethodHandle ACCEPT = call("rdma_accept", 2);
  private static final MethodHandle REJECT = call("rdma_reject", 3);
  private static final MethodHandle DISCONNECT = call("rdma_disconnect", 1);
  private static final MethodHandle GET_EVENT = call("rdma_get_cm_event", 2);
  private static final MethodHandle ACK_EVENT = call("rdma_ack_cm_event", 1);
  private static final MethodHandle GET_SRC_PORT = call("rdma_get_src_port", 1);
  private static final MethodHandle SET_OPTION = call("rdma_set_option", 5);

  private static final MethodHandle GET_DEVICES = RdmaLibraries.cm("rdma_get_devices", longs(1));

  private RdmaCm() {}

  /**
   * rdma_get_devices: the contexts on which identifiers live. The list is kept, and with it the
   * contexts.
   *
   * @return contexts, empty when there is no device.
   */
  public static List<Long> devices() {
    long count = RawMemory.map(8);
    List<Long> contexts = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      long list = (long) Verbs.invoke(GET_DEVICES, RdmaLibraries.errnoPlace(arena), count);
      for (int i = 0; list != 0 && i < RawMemory.getInt(count); i++) {
        contexts.add(RawMemory.getLong(list + 8L * i));
      }
    }
    RawMemory.unmap(count, 8);
    return contexts;
  }

  private static MethodHandle call(String name, int arguments) {
    return RdmaLibraries.cm(name, longsToInt(arguments));
  }

  /** A call that answers 0, or -1 with errno set. */
  private static int done(MethodHandle handle, long... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = RdmaLibraries.errnoPlace(arena);
      int result = (int) Verbs.invoke(handle, errno, arguments);
      return result == 0 ? 0 : RdmaLibraries.failure(errno);
    }
  }

  /** A call without a result, or with one that is none. */
  private static int plain(MethodHandle handle, long... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Verbs.invoke(handle, RdmaLibraries.errnoPlace(arena), arguments);
    }
  }

  /**
   * Writes a struct sockaddr_in or sockaddr_in6.
   *
   * @param place of {@link #SOCKET_ADDRESS_BYTES}.
   */
  public static void socketAddress(long place, InetAddress address, int port) {
    RawMemory.zero(place, SOCKET_ADDRESS_BYTES);
    byte[] bytes = address.getAddress();
    boolean six = address instanceof Inet6Address;
    RawMemory.putByte(place, (byte) (six ? 10 : 2));
    RawMemory.putByte(place + 2, (byte) (port >>> 8));
    RawMemory.putByte(place + 3, (byte) port);
    for (int i = 0; i < bytes.length; i++) {
      RawMemory.putByte(place + (six ? 8 : 4) + i, bytes[i]);
    }
    if (address instanceof Inet6Address scoped) {
      RawMemory.putInt(place + 24, scoped.getScopeId());
    }
  }

  /** rdma_create_event_channel: the channel or {@code -errno}. */
  public static long createEventChannel() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = RdmaLibraries.errnoPlace(arena);
      long channel = (long) Verbs.invoke(CREATE_EVENT_CHANNEL, errno);
      return channel == 0 ? RdmaLibraries.failure(errno) : channel;
    }
  }

  /** rdma_destroy_event_channel. */
  public static void destroyEventChannel(long channel) {
    plain(DESTROY_EVENT_CHANNEL, channel);
  }

  /** rdma_create_id for reliable connections: the identifier or {@code -errno}. */
  public static long createId(long channel, long context) {
    long place = RawMemory.map(8);
    int result = done(CREATE_ID, channel, place, context, VerbsLayout.of("RDMA_PS_TCP"));
    long id = RawMemory.getLong(place);
    RawMemory.unmap(place, 8);
    return result < 0 ? result : id;
  }

  /** rdma_destroy_id; waits until all its events are acknowledged. */
  public static int destroyId(long id) {
    return done(DESTROY_ID, id);
  }

  /** rdma_migrate_id: the events of an identifier go to another channel. */
  public static int migrateId(long id, long channel) {
    return done(MIGRATE_ID, id, channel);
  }

  /** rdma_bind_addr. */
  public static int bind(long id, long address) {
    return done(BIND_ADDR, id, address);
  }

  /** rdma_listen. */
  public static int listen(long id, int backlog) {
    return done(LISTEN, id, backlog);
  }

  /** rdma_resolve_addr from any local address. */
  public static int resolveAddress(long id, long address, int timeoutMs) {
    return resolveAddress(id, 0, address, timeoutMs);
  }

  /** rdma_resolve_addr from a local address, or from any when it is 0. */
  public static int resolveAddress(long id, long source, long address, int timeoutMs) {
    return done(RESOLVE_ADDR, id, source, address, timeoutMs);
  }

  /** rdma_resolve_route. */
  public static int resolveRoute(long id, int timeoutMs) {
    return done(RESOLVE_ROUTE, id, timeoutMs);
  }

  /** rdma_create_qp with a struct ibv_qp_init_attr. */
  public static int createQp(long id, long pd, long attributes) {
    return done(CREATE_QP, id, pd, attributes);
  }

  /** rdma_destroy_qp. */
  public static void destroyQp(long id) {
    plain(DESTROY_QP, id);
  }

  /** rdma_connect with a struct rdma_conn_param. */
  public static int connect(long id, long parameters) {
    return done(CONNECT, id, parameters);
  }

  /** rdma_accept with a struct rdma_conn_param. */
  public static int accept(long id, long parameters) {
    return done(ACCEPT, id, parameters);
  }

  /** rdma_reject with up to 148 bytes of private data. */
  public static int reject(long id, long data, int bytes) {
    return done(REJECT, id, data, bytes);
  }

  /** rdma_disconnect. */
  public static int disconnect(long id) {
    return done(DISCONNECT, id);
  }

  /** rdma_get_cm_event: the event or {@code -errno}; blocks unless the descriptor does not. */
  public static long getEvent(long channel) {
    long place = RawMemory.map(8);
    int result = done(GET_EVENT, channel, place);
    long event = RawMemory.getLong(place);
    RawMemory.unmap(place, 8);
    return result < 0 ? result : event;
  }

  /** rdma_ack_cm_event: frees the event. */
  public static void acknowledge(long event) {
    done(ACK_EVENT, event);
  }

  /** Local port of a bound identifier, host byte order. */
  public static int sourcePort(long id) {
    int port = plain(GET_SRC_PORT, id);
    return (port & 0xff) << 8 | (port >>> 8 & 0xff);
  }

  /** rdma_set_option RDMA_OPTION_ID_ACK_TIMEOUT: the local ACK timeout is 4.096 us times 2^n. */
  public static int setAckTimeout(long id, int exponent) {
    long place = RawMemory.map(8);
    RawMemory.putByte(place, (byte) exponent);
    int result =
        done(
            SET_OPTION,
            id,
            VerbsLayout.of("RDMA_OPTION_ID"),
            VerbsLayout.of("RDMA_OPTION_ID_ACK_TIMEOUT"),
            place,
            1);
    RawMemory.unmap(place, 8);
    return result;
  }
}

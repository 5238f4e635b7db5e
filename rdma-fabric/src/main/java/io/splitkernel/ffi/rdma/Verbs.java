package io.splitkernel.ffi.rdma;

import static io.splitkernel.ffi.rdma.RdmaLibraries.longs;
import static io.splitkernel.ffi.rdma.RdmaLibraries.longsToInt;

import io.splitkernel.ffi.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The exported functions of libibverbs (infiniband/verbs.h). Objects are addresses. Functions that
 * return an object answer {@code -errno} when there is none; the others 0 or {@code -errno}. Any
 * thread; control path.
 */
public final class Verbs {
  private static final MethodHandle GET_DEVICE_LIST = handle("ibv_get_device_list", 1);
  private static final MethodHandle FREE_DEVICE_LIST = status("ibv_free_device_list", 1);
  private static final MethodHandle GET_DEVICE_NAME = handle("ibv_get_device_name", 1);
  private static final MethodHandle OPEN_DEVICE = handle("ibv_open_device", 1);
  private static final MethodHandle CLOSE_DEVICE = status("ibv_close_device", 1);
  private static final MethodHandle QUERY_DEVICE = status("ibv_query_device", 2);
  private static final MethodHandle ALLOC_PD = handle("ibv_alloc_pd", 1);
  private static final MethodHandle DEALLOC_PD = status("ibv_dealloc_pd", 1);
  private static final MethodHandle REG_MR_IOVA = handle("ibv_reg_mr_iova2", 5);
  private static final MethodHandle DEREG_MR = status("ibv_dereg_mr", 1);
  private static final MethodHandle CREATE_COMP_CHANNEL = handle("ibv_create_comp_channel", 1);
  private static final MethodHandle DESTROY_COMP_CHANNEL = status("ibv_destroy_comp_channel", 1);
  private static final MethodHandle CREATE_CQ = handle("ibv_create_cq", 5);
  private static final MethodHandle DESTROY_CQ = status("ibv_destroy_cq", 1);
  private static final MethodHandle QUERY_PORT = status("ibv_query_port", 3);
  private static final MethodHandle QUERY_GIDS = handle("_ibv_query_gid_table", 5);
  private static final MethodHandle GET_ASYNC_EVENT = status("ibv_get_async_event", 2);
  private static final MethodHandle ACK_ASYNC_EVENT = status("ibv_ack_async_event", 1);
  private static final MethodHandle MODIFY_QP = status("ibv_modify_qp", 3);
  private static final int NAME_MAX = 64;

  private Verbs() {}

  private static MethodHandle handle(String name, int arguments) {
    return RdmaLibraries.verbs(name, longs(arguments));
  }

  private static MethodHandle status(String name, int arguments) {
    return RdmaLibraries.verbs(name, longsToInt(arguments));
  }

  /** A call that returns an object. */
  private static long object(MethodHandle handle, long... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = RdmaLibraries.errnoPlace(arena);
      long result = (long) invoke(handle, errno, arguments);
      return result == 0 ? RdmaLibraries.failure(errno) : result;
    }
  }

  /** A call that returns 0, an errno, or -1 with errno set. */
  private static int done(MethodHandle handle, long... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = RdmaLibraries.errnoPlace(arena);
      int result = (int) invoke(handle, errno, arguments);
      return result < 0 ? RdmaLibraries.failure(errno) : -result;
    }
  }

  static Object invoke(MethodHandle handle, MemorySegment errno, long... arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = errno;
    for (int i = 0; i < arguments.length; i++) {
      all[i + 1] = arguments[i];
    }
    try {
      return handle.invokeWithArguments(all);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** A name and the device's address; valid until the process ends. */
  public record Device(String name, long address) {}

  /**
   * ibv_get_device_list. The list is not given back, because devices are valid as long as it is.
   *
   * @return the devices, empty when there is none or the kernel has no RDMA.
   */
  public static List<Device> devices() {
    long count = RawMemory.map(8);
    long list = object(GET_DEVICE_LIST, count);
    List<Device> devices = new ArrayList<>();
    int n = list < 0 ? 0 : RawMemory.getInt(count);
    for (int i = 0; i < n; i++) {
      long device = RawMemory.getLong(list + 8L * i);
      devices.add(new Device(text(object(GET_DEVICE_NAME, device)), device));
    }
    if (list > 0 && n == 0) {
      invokeFree(list);
    }
    RawMemory.unmap(count, 8);
    return devices;
  }

  /** ibv_get_device_name of the device of a context. */
  public static String deviceName(long context) {
    return text(
        object(GET_DEVICE_NAME, RawMemory.getLong(context + VerbsLayout.of("ibv_context.device"))));
  }

  private static void invokeFree(long list) {
    done(FREE_DEVICE_LIST, list);
  }

  private static String text(long address) {
    byte[] bytes = new byte[NAME_MAX];
    int length = 0;
    while (length < NAME_MAX && RawMemory.getByte(address + length) != 0) {
      bytes[length] = RawMemory.getByte(address + length);
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.US_ASCII);
  }

  /** ibv_open_device: a context. */
  public static long openDevice(long device) {
    return object(OPEN_DEVICE, device);
  }

  /** ibv_close_device. */
  public static int closeDevice(long context) {
    return done(CLOSE_DEVICE, context);
  }

  /** ibv_query_device into a struct ibv_device_attr. */
  public static int queryDevice(long context, long attributes) {
    return done(QUERY_DEVICE, context, attributes);
  }

  /** ibv_alloc_pd. */
  public static long allocPd(long context) {
    return object(ALLOC_PD, context);
  }

  /** ibv_dealloc_pd. */
  public static int deallocPd(long pd) {
    return done(DEALLOC_PD, pd);
  }

  /** ibv_reg_mr_iova2: a region at an address of one's own choice. */
  public static long regMr(long pd, long address, long length, long iova, int access) {
    return object(REG_MR_IOVA, pd, address, length, iova, access);
  }

  /** ibv_dereg_mr. */
  public static int deregMr(long mr) {
    return done(DEREG_MR, mr);
  }

  /** ibv_create_comp_channel. */
  public static long createCompChannel(long context) {
    return object(CREATE_COMP_CHANNEL, context);
  }

  /** ibv_destroy_comp_channel. */
  public static int destroyCompChannel(long channel) {
    return done(DESTROY_COMP_CHANNEL, channel);
  }

  /** ibv_create_cq on completion vector 0. */
  public static long createCq(long context, int entries, long channel) {
    return createCq(context, entries, channel, 0);
  }

  /** ibv_create_cq on a completion vector. */
  public static long createCq(long context, int entries, long channel, int vector) {
    return object(CREATE_CQ, context, entries, 0, channel, vector);
  }

  /** ibv_destroy_cq. */
  public static int destroyCq(long cq) {
    return done(DESTROY_CQ, cq);
  }

  /** ibv_query_port into a zeroed struct ibv_port_attr. */
  public static int queryPort(long context, int port, long attributes) {
    return done(QUERY_PORT, context, port, attributes);
  }

  /** ibv_query_gid_table: how many entries of struct ibv_gid_entry were written, or below 0. */
  public static long queryGidTable(long context, long entries, int most, int entryBytes) {
    return object(QUERY_GIDS, context, entries, most, 0, entryBytes);
  }

  /** ibv_get_async_event into a struct ibv_async_event; blocks unless the descriptor does not. */
  public static int getAsyncEvent(long context, long event) {
    return done(GET_ASYNC_EVENT, context, event);
  }

  /** ibv_ack_async_event. */
  public static void ackAsyncEvent(long event) {
    done(ACK_ASYNC_EVENT, event);
  }

  /** ibv_modify_qp with a struct ibv_qp_attr. */
  public static int modifyQp(long qp, long attributes, int mask) {
    return done(MODIFY_QP, qp, attributes, mask);
  }
}

package io.splitkernel.fabric.verbs;

import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.Verbs;
import io.splitkernel.ffi.rdma.VerbsLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads the asynchronous events of a device and tells the connections that they concern, whichever
 * fabric of this process they belong to. One thread for each device that was ever opened, for the
 * life of the process, like the device's context.
 */
final class DeviceEvents implements Runnable {
  private static final Map<Long, DeviceEvents> ALL = new ConcurrentHashMap<>();
  private static final int ELEMENT = VerbsLayout.of("ibv_async_event.element");
  private static final int TYPE = VerbsLayout.of("ibv_async_event.event_type");
  private static final int CQ_ERR = VerbsLayout.of("IBV_EVENT_CQ_ERR");
  private static final int QP_FATAL = VerbsLayout.of("IBV_EVENT_QP_FATAL");
  private static final int QP_REQ_ERR = VerbsLayout.of("IBV_EVENT_QP_REQ_ERR");
  private static final int QP_ACCESS_ERR = VerbsLayout.of("IBV_EVENT_QP_ACCESS_ERR");
  private static final int DEVICE_FATAL = VerbsLayout.of("IBV_EVENT_DEVICE_FATAL");

  private final long context;
  private final long event = RawMemory.map(VerbsLayout.of("sizeof(ibv_async_event)"));
  private final Map<Long, VerbsConnection> connections = new ConcurrentHashMap<>();

  private DeviceEvents(long context) {
    this.context = context;
  }

  /** The events of a context. */
  static DeviceEvents of(long context) {
    return ALL.computeIfAbsent(
        context,
        opened -> {
          DeviceEvents events = new DeviceEvents(opened);
          Thread.ofPlatform().daemon(true).name("lego-rdma-device").start(events);
          return events;
        });
  }

  void add(long qp, VerbsConnection connection) {
    connections.put(qp, connection);
  }

  void remove(long qp) {
    connections.remove(qp);
  }

  @Override
  public void run() {
    while (Verbs.getAsyncEvent(context, event) == 0) {
      dispatch(RawMemory.getInt(event + TYPE), RawMemory.getLong(event + ELEMENT));
      Verbs.ackAsyncEvent(event); // from now on what it names may be destroyed
    }
  }

  private void dispatch(int type, long element) {
    if (type == QP_FATAL || type == QP_REQ_ERR || type == QP_ACCESS_ERR) {
      VerbsConnection connection = connections.get(element);
      if (connection != null) {
        connection.onDeviceEvent("the device reports an error of the queue pair, event " + type);
      }
    } else if (type == CQ_ERR) {
      for (VerbsConnection each : connections.values()) {
        if (each.feeds(element)) {
          each.onDeviceEvent("its completion queue has overrun");
        }
      }
    } else if (type == DEVICE_FATAL) {
      connections.values().forEach(each -> each.onDeviceEvent("the device has failed"));
    }
  }
}

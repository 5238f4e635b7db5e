package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Epoll;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.RdmaCm;
import io.splitkernel.ffi.rdma.VerbsLayout;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The connection-manager thread of a fabric: reads the events of its channel, hands each to the
 * handler of its identifier, and runs short tasks. It alone destroys identifiers, because that
 * waits until their events have been acknowledged.
 */
final class CmEvents implements Runnable, AutoCloseable {
  /** Who is told of the events of an identifier; on the thread of the events. */
  interface Handler {
    /**
     * An event.
     *
     * @param kind RDMA_CM_EVENT_*.
     * @param status of the event.
     * @param privateData that came with it; empty when none did.
     */
    void onEvent(int kind, int status, byte[] privateData);
  }

  /** Who is told of connection requests. */
  interface Requests {
    /** A peer wants to connect; the identifier is the callee's now. */
    void onRequest(long id, byte[] privateData);
  }

  private static final int REQUEST = VerbsLayout.of("RDMA_CM_EVENT_CONNECT_REQUEST");
  private static final int ID = VerbsLayout.of("rdma_cm_event.id");
  private static final int LISTEN_ID = VerbsLayout.of("rdma_cm_event.listen_id");
  private static final int EVENT = VerbsLayout.of("rdma_cm_event.event");
  private static final int STATUS = VerbsLayout.of("rdma_cm_event.status");
  private static final int DATA = VerbsLayout.of("rdma_cm_event.param.conn.private_data");
  private static final int DATA_LENGTH =
      VerbsLayout.of("rdma_cm_event.param.conn.private_data_len");
  private static final int WAKE = 0;
  private static final int CHANNEL = 1;
  private static final byte[] NOTHING = {};

  private final long channel;
  private final Epoll epoll = new Epoll(4);
  private final EventFd wake = new EventFd();
  private final Map<Long, Handler> handlers = new ConcurrentHashMap<>();
  private final Map<Long, Requests> listeners = new ConcurrentHashMap<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean stopping;

  CmEvents() throws FabricException {
    channel = RdmaCm.createEventChannel();
    if (channel < 0) {
      throw new FabricException(
          "rdma_create_event_channel: "
              + Errno.text(channel)
              + "; is /dev/infiniband/rdma_cm there (modprobe rdma_ucm)?");
    }
    int descriptor = RawMemory.getInt(channel + VerbsLayout.of("rdma_event_channel.fd"));
    FileDescriptor.setNonBlocking(descriptor);
    epoll.add(descriptor, Epoll.IN, CHANNEL);
    epoll.add(wake.descriptor(), Epoll.IN, WAKE);
    thread = Thread.ofPlatform().daemon(true).name("lego-rdma-cm").start(this);
  }

  /** A new identifier whose events go to a handler. */
  long createId(Handler handler) throws FabricException {
    long id = RdmaCm.createId(channel, 0);
    if (id < 0) {
      throw new FabricException("rdma_create_id: " + Errno.text(id));
    }
    handlers.put(id, handler);
    return id;
  }

  void handle(long id, Handler handler) {
    handlers.put(id, handler);
  }

  void listen(long id, Requests requests) {
    listeners.put(id, requests);
  }

  /** Runs a short task soon. */
  void execute(Runnable task) {
    tasks.add(task);
    wake.signal();
  }

  /** Destroys an identifier and its queue pair soon. */
  void discard(long id) {
    execute(() -> destroy(id));
  }

  /** Waits until all tasks so far have run; does nothing on the thread of the events itself. */
  void settle() {
    if (Thread.currentThread() == thread) {
      return;
    }
    CountDownLatch done = new CountDownLatch(1);
    execute(done::countDown);
    try {
      if (!done.await(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the connection manager's thread is stuck");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void destroy(long id) {
    handlers.remove(id);
    listeners.remove(id);
    if (RawMemory.getLong(id + VerbsLayout.of("rdma_cm_id.qp")) != 0) {
      RdmaCm.destroyQp(id);
    }
    RdmaCm.destroyId(id);
  }

  @Override
  public void run() {
    while (!stopping || !tasks.isEmpty()) {
      epoll.await(1_000_000_000L);
      wake.drain();
      readEvents();
      Runnable task = tasks.poll();
      while (task != null) {
        task.run();
        task = tasks.poll();
      }
    }
    RdmaCm.destroyEventChannel(channel);
    epoll.close();
    wake.close();
  }

  private void readEvents() {
    long event = RdmaCm.getEvent(channel);
    while (event > 0) {
      long id = RawMemory.getLong(event + ID);
      long listenId = RawMemory.getLong(event + LISTEN_ID);
      int kind = RawMemory.getInt(event + EVENT);
      int status = RawMemory.getInt(event + STATUS);
      byte[] data = kind >= REQUEST ? privateData(event) : NOTHING;
      RdmaCm.acknowledge(event);
      dispatch(id, listenId, kind, status, data);
      event = RdmaCm.getEvent(channel);
    }
  }

  private static byte[] privateData(long event) {
    long from = RawMemory.getLong(event + DATA);
    int length = from == 0 ? 0 : RawMemory.getByte(event + DATA_LENGTH) & 0xff;
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = RawMemory.getByte(from + i);
    }
    return bytes;
  }

  private void dispatch(long id, long listenId, int kind, int status, byte[] data) {
    if (kind == REQUEST) {
      Requests requests = listeners.get(listenId);
      if (requests == null) {
        RdmaCm.destroyId(id);
      } else {
        requests.onRequest(id, data);
      }
      return;
    }
    Handler handler = handlers.get(id);
    if (handler != null) {
      handler.onEvent(kind, status, data);
    }
  }

  @Override
  public void close() {
    stopping = true;
    wake.signal();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

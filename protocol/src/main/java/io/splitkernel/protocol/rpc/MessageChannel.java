package io.splitkernel.protocol.rpc;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.protocol.sbe.MessageHeaderEncoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Whole messages over one fabric connection: registered slots for what comes and what goes. One
 * thread receives, any thread sends. The receiving thread recycles the slots of sends too.
 */
final class MessageChannel implements AutoCloseable {
  /** Nothing came in time. */
  static final int TIMED_OUT = -1;

  /** The connection is closed or broken. */
  static final int BROKEN = -2;

  /** The peer sent more than a message may have; the connection is broken. */
  static final int OVERSIZED = -3;

  private static final long SEND_TOKEN = 1L << 32;
  private static final long AWAIT_NS_MAX = 500_000_000L;

  /** Completions that all slots together have: each frees those sent before. */
  private static final int COMPLETIONS = 6;

  private final int messageBytesMax;
  private final int receiveDepth;
  private final ProtectionDomain domain;
  private final CompletionQueue queue;
  private final FabricMemory memory;
  private final MemoryRegion region;
  private final CompletionBatch batch = new CompletionBatch(16);
  private final int sendDepth;
  private final int sendsToSignal;
  private final Semaphore freeSlots;
  private final WorkRequest request = new WorkRequest();
  private final Object sendLock = new Object();
  private final Object closeLock = new Object();
  private final UnsafeBuffer sendBuffer;
  private final MessageHeaderEncoder sendHeader = new MessageHeaderEncoder();
  private Connection connection;
  private int lkey;
  private CompletionStatus firstBadStatus;
  private int next;
  private int nextSlot;
  private int unsignalled;
  private boolean released;

  private MessageChannel(
      RpcSettings settings,
      ProtectionDomain domain,
      CompletionQueue queue,
      FabricMemory memory,
      MemoryRegion region) {
    this.messageBytesMax = settings.messageBytesMax();
    this.receiveDepth = settings.receiveDepth();
    this.sendBuffer = new UnsafeBuffer(new byte[settings.messageBytesMax()]);
    this.domain = domain;
    this.queue = queue;
    this.memory = memory;
    this.region = region;
    this.sendDepth = settings.sendDepth();
    this.sendsToSignal = Math.max(1, sendDepth / COMPLETIONS);
    this.freeSlots = new Semaphore(sendDepth);
  }

  /** Acquires everything but the connection. */
  static MessageChannel open(Fabric fabric, RpcSettings settings) throws FabricException {
    ProtectionDomain domain = fabric.allocateProtectionDomain();
    CompletionQueue queue = null;
    FabricMemory memory = null;
    try {
      int slots = settings.sendDepth() + settings.receiveDepth();
      queue = fabric.createCompletionQueue(slots);
      memory = fabric.allocateMemory((long) slots * settings.messageBytesMax(), "lego-rpc");
      MemoryRegion region =
          domain.register(
              memory, 0, memory.lengthBytes(), memory.segment().address(), Access.LOCAL_WRITE);
      return new MessageChannel(settings, domain, queue, memory, region);
    } catch (FabricException e) {
      if (memory != null) {
        memory.close();
      }
      if (queue != null) {
        queue.close();
      }
      domain.close();
      throw e;
    }
  }

  /** How the connection must be made. */
  ConnectionConfig config(RpcSettings settings) {
    return new ConnectionConfig(
        domain,
        queue,
        queue,
        settings.sendDepth(),
        settings.receiveDepth(),
        0,
        settings.retryTimeoutNs());
  }

  /**
   * Takes the established connection and posts all receives.
   *
   * @throws FabricException when the connection's provider cannot register the slots.
   */
  void attach(Connection established) throws FabricException {
    connection = established;
    lkey = region.lkeyOn(established);
    for (int i = 0; i < receiveDepth; i++) {
      postReceive(i);
    }
  }

  Connection connection() {
    return connection;
  }

  /** What waits for messages and for other work; null where there is none. */
  WorkWait waitWith(ConnectionWork work) {
    return work == null ? null : new WorkWait(queue, work);
  }

  /**
   * Waits for a message and copies it. Receiving thread only.
   *
   * @param into of at least the longest message's size.
   * @param timeoutNs longest wait.
   * @return its length, or {@link #TIMED_OUT}, {@link #BROKEN} or {@link #OVERSIZED}.
   */
  int receive(byte[] into, long timeoutNs) {
    return receive(into, timeoutNs, null);
  }

  /**
   * As {@link #receive(byte[], long)}, and looks after other work while no message is there.
   *
   * @param work or null for none.
   */
  int receive(byte[] into, long timeoutNs, WorkWait work) {
    long start = System.nanoTime();
    while (true) {
      while (next < batch.count()) {
        int length = complete(next++, into);
        if (length != 0) {
          return length;
        }
      }
      next = 0;
      if (queue.poll(batch) == 0) {
        long remaining = timeoutNs - (System.nanoTime() - start);
        if (remaining <= 0) {
          return TIMED_OUT;
        }
        boolean up = connection.state() == Connection.State.CONNECTED;
        long wait = Math.min(remaining, AWAIT_NS_MAX);
        if (!(work == null ? queue.await(wait) : work.await(wait)) && !up) {
          return BROKEN;
        }
      }
    }
  }

  /**
   * Whether completions were polled that {@link #receive} has not come to. Receiving thread only.
   */
  boolean hasLeftovers() {
    return next < batch.count();
  }

  private int complete(int i, byte[] into) {
    long token = batch.wrId(i);
    CompletionStatus status = batch.status(i);
    if (status == CompletionStatus.LOCAL_LENGTH_ERROR) {
      return OVERSIZED;
    }
    if (status != CompletionStatus.SUCCESS) {
      if (firstBadStatus == null) {
        firstBadStatus = status;
      }
      return BROKEN;
    }
    int slot = (int) token;
    if ((token & SEND_TOKEN) != 0) {
      freeSlots.release(sendsToSignal);
      return 0;
    }
    int length = batch.lengthBytes(i);
    MemorySegment.copy(
        memory.segment(), ValueLayout.JAVA_BYTE, receiveOffset(slot), into, 0, length);
    if (postReceive(slot) != Connection.POSTED || length == 0) {
      return BROKEN;
    }
    return length;
  }

  /** Why the last {@link #receive} returned {@link #BROKEN}, in one line. Receiving thread only. */
  String brokenReason() {
    String reason = connection.errorReason();
    if (reason != null) {
      return reason;
    }
    return firstBadStatus == null ? "the connection ended" : "completion " + firstBadStatus;
  }

  private int postReceive(int slot) {
    return connection.postReceive(slot, lkey, region.iova() + receiveOffset(slot), messageBytesMax);
  }

  /**
   * Encodes and sends a message.
   *
   * @param encoder writes it.
   * @param correlationId to write.
   * @param timeoutNs longest wait for a free slot; the receiving thread must pass 0.
   * @return true when it is under way; false when no slot became free or the connection is down.
   */
  boolean send(MessageEncoder encoder, long correlationId, long timeoutNs) {
    try {
      if (timeoutNs == 0
          ? !freeSlots.tryAcquire()
          : !freeSlots.tryAcquire(timeoutNs, TimeUnit.NANOSECONDS)) {
        return false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    boolean posted = false;
    synchronized (sendLock) {
      try {
        posted = !released && encodeAndPost(encoder, correlationId);
      } finally {
        if (!posted) {
          freeSlots.release();
        }
      }
    }
    return posted;
  }

  /**
   * Slots are used in turns, and sends end in their order, so the completion of one says that those
   * before it have ended. A completion for each would wake the receiving thread only to count it.
   */
  private boolean encodeAndPost(MessageEncoder encoder, long correlationId) {
    int length =
        MessageHeaderEncoder.ENCODED_LENGTH + encoder.encode(sendBuffer, sendHeader, correlationId);
    long offset = (long) (receiveDepth + nextSlot) * messageBytesMax;
    MemorySegment.copy(
        sendBuffer.byteArray(), 0, memory.segment(), ValueLayout.JAVA_BYTE, offset, length);
    request.send(SEND_TOKEN).local(lkey, region.iova() + offset, length);
    boolean signalled = unsignalled + 1 == sendsToSignal;
    if (!signalled) {
      request.unsignalled();
    }
    if (connection.post(request) != Connection.POSTED) {
      return false;
    }
    nextSlot = nextSlot + 1 == sendDepth ? 0 : nextSlot + 1;
    unsignalled = signalled ? 0 : unsignalled + 1;
    return true;
  }

  private long receiveOffset(int slot) {
    return (long) slot * messageBytesMax;
  }

  /**
   * Ends the connection; when this returns it is closed, whoever was first. Any thread, idempotent.
   */
  void disconnect() {
    synchronized (closeLock) {
      if (connection != null) {
        synchronized (sendLock) { // nobody is in the middle of a post
          connection.close();
        }
      }
    }
  }

  /** Frees everything. Receiving thread only, or when there is none. Idempotent. */
  @Override
  public void close() {
    disconnect();
    synchronized (sendLock) {
      if (released) {
        return;
      }
      released = true;
    }
    region.close();
    queue.close();
    domain.close();
    memory.close();
  }
}

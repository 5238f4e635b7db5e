package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.RawMemory;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Posted requests that could not run at once, in order. The posting thread adds, the event thread
 * removes; whoever finds it empty owns the connection's initiator: the posting thread while it is
 * empty, the event thread while it is not.
 */
final class PendingRequests implements AutoCloseable {
  private static final VarHandle COUNT;

  static {
    try {
      COUNT = MethodHandles.lookup().findVarHandle(PendingRequests.class, "count", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int capacity;
  private final int inlineMax;
  private final Arena arena = Arena.ofShared();
  private WorkRequest[] requests;
  private long[] sequences;
  private long inlineBuffers;
  private int producer;
  private int consumer;

  @SuppressWarnings("unused") // through COUNT
  private int count;

  PendingRequests(int depth, int inlineMax) {
    this.capacity = depth;
    this.inlineMax = inlineMax;
  }

  boolean isEmpty() {
    return (int) COUNT.getAcquire(this) == 0;
  }

  /** Copies a request; true when it was empty before. Memory is allocated by the first one. */
  boolean add(WorkRequest request, long sequence) {
    if (requests == null) {
      allocate();
    }
    WorkRequest copy = requests[producer];
    if (request.isInline()) {
      copyInline(copy, request, inlineBuffers + (long) producer * inlineMax);
    } else {
      copy.copyFrom(request);
    }
    sequences[producer] = sequence;
    producer = producer + 1 == capacity ? 0 : producer + 1;
    return (int) COUNT.getAndAdd(this, 1) == 0;
  }

  private void allocate() {
    WorkRequest[] slots = new WorkRequest[capacity];
    for (int i = 0; i < capacity; i++) {
      slots[i] = new WorkRequest();
    }
    sequences = new long[capacity];
    inlineBuffers = arena.allocate((long) capacity * inlineMax, 64).address();
    requests = slots;
  }

  private static void copyInline(WorkRequest copy, WorkRequest request, long buffer) {
    long end = buffer;
    for (int i = 0; i < request.scatterCount(); i++) {
      RawMemory.copy(request.localAddress(i), end, request.localLength(i));
      end += request.localLength(i);
    }
    switch (request.opcode()) {
      case SEND -> copy.send(request.wrId());
      case WRITE -> copy.write(request.wrId(), request.remoteAddress(), request.rkey());
      case WRITE_WITH_IMMEDIATE ->
          copy.writeWithImmediate(
              request.wrId(), request.remoteAddress(), request.rkey(), request.immediate());
      default -> throw new AssertionError("inline " + request.opcode());
    }
    copy.local(0, buffer, (int) (end - buffer)).inline();
    if (!request.isSignalled()) {
      copy.unsignalled();
    }
  }

  /** Oldest request; it must not be empty. */
  WorkRequest peek() {
    return requests[consumer];
  }

  /** Slot of the oldest request. */
  long peekSequence() {
    return sequences[consumer];
  }

  void remove() {
    consumer = consumer + 1 == capacity ? 0 : consumer + 1;
    COUNT.getAndAdd(this, -1);
  }

  @Override
  public void close() {
    arena.close();
  }
}

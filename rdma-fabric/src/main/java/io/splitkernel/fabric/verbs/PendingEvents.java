package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.UnreachableException;
import io.splitkernel.ffi.rdma.VerbsLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;

/** The events of an identifier while a connection is being made, for the thread that makes it. */
final class PendingEvents implements CmEvents.Handler {
  /** What came. */
  static final class Event {
    private final int kind;
    private final int status;
    private final byte[] privateData;

    private Event(int kind, int status, byte[] privateData) {
      this.kind = kind;
      this.status = status;
      this.privateData = privateData;
    }

    int kind() {
      return kind;
    }

    int status() {
      return status;
    }

    byte[] privateData() {
      return privateData;
    }
  }

  /** IB_CM_REJ_INVALID_SERVICE_ID: nobody listens on the port. */
  private static final int NOBODY = 8;

  /** IB_CM_REJ_CONSUMER_DEFINED: the listener has rejected. */
  private static final int REJECTED_BY_LISTENER = 28;

  private static final int ESTABLISHED = VerbsLayout.of("RDMA_CM_EVENT_ESTABLISHED");
  private static final int DISCONNECTED = VerbsLayout.of("RDMA_CM_EVENT_DISCONNECTED");
  private static final int REJECTED = VerbsLayout.of("RDMA_CM_EVENT_REJECTED");

  private final LinkedBlockingDeque<Event> events = new LinkedBlockingDeque<>();

  @Override
  public void onEvent(int kind, int status, byte[] privateData) {
    events.add(new Event(kind, status, privateData));
  }

  /** An event that came, or null; for whoever handles the rest. */
  Event poll() {
    return events.poll();
  }

  /** Waits for an event of a kind; any other one is a failure. */
  void await(String kind, String what, long deadlineNs) throws FabricException {
    int wanted = VerbsLayout.of(kind);
    Event event = next(what, deadlineNs);
    if (event.kind() != wanted) {
      throw failure(what, event);
    }
  }

  void awaitEstablished(String what, long deadlineNs) throws FabricException {
    Event event = next(what, deadlineNs);
    if (event.kind() != ESTABLISHED) {
      throw failure(what, event);
    }
  }

  /**
   * Waits until the peer has what was accepted. A peer that closes at once may have its goodbye
   * overtake its confirmation, which then never comes: that is a connection which is over, and the
   * event is left for it.
   */
  void awaitAccepted(String what, long deadlineNs) throws FabricException {
    Event event = next(what, deadlineNs);
    if (event.kind() == DISCONNECTED) {
      events.addFirst(event);
    } else if (event.kind() != ESTABLISHED) {
      throw failure(what, event);
    }
  }

  private Event next(String what, long deadlineNs) throws FabricException {
    try {
      Event event = events.poll(Math.max(0, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (event == null) {
        throw new FabricException(what + ": no answer in time");
      }
      return event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FabricException(what + ": interrupted", e);
    }
  }

  private static FabricException failure(String what, Event event) {
    String text = what + ": " + reason(event);
    return event.kind() == REJECTED && event.status() == NOBODY
        ? new UnreachableException(text)
        : new FabricException(text);
  }

  private static String reason(Event event) {
    if (event.kind() == REJECTED && event.status() == REJECTED_BY_LISTENER) {
      byte[] text = Handshake.take(event.privateData());
      return "rejected: " + new String(text, StandardCharsets.UTF_8);
    }
    if (event.kind() == REJECTED && event.status() == NOBODY) {
      return "nothing listens there";
    }
    return "connection manager event " + event.kind() + ", status " + event.status();
  }
}

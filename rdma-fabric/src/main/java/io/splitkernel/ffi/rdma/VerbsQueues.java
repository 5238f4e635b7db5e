package io.splitkernel.ffi.rdma;

import io.splitkernel.ffi.RawMemory;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The functions that infiniband/verbs.h defines inline: they call through pointers in the device
 * context, which the device's provider has put there. Results as in the header: 0 or an errno, for
 * {@link #poll} a count or a negative number. Data path, allocates nothing; the caller keeps one
 * thread per queue.
 */
@SuppressWarnings("restricted")
public final class VerbsQueues {
  private static final FunctionDescriptor POST_TYPE =
      FunctionDescriptor.of(
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG);

  // None of these blocks, so none needs the thread's transition, without which an empty poll takes
  // a tenth of the time. A post is a few stores, on a soft device a system call that carries out
  // the operation: the JVM waits so long for a safepoint.
  private static final MethodHandle POST =
      Linker.nativeLinker().downcallHandle(POST_TYPE, Linker.Option.critical(false));
  private static final MethodHandle POLL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG),
              Linker.Option.critical(false));

  private static final MethodHandle NOTIFY =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

  private static final MethodHandle GET_CQ_EVENT =
      RdmaLibraries.plainVerbs(
          "ibv_get_cq_event",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG));
  private static final MethodHandle ACK_CQ_EVENTS =
      RdmaLibraries.plainVerbs(
          "ibv_ack_cq_events",
          FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

  private final MemorySegment postSend;
  private final MemorySegment postReceive;
  private final MemorySegment pollCq;
  private final MemorySegment requestNotify;

  /**
   * @param context of an open device.
   */
  public VerbsQueues(long context) {
    postSend = pointer(context, "ibv_context.ops.post_send");
    postReceive = pointer(context, "ibv_context.ops.post_recv");
    pollCq = pointer(context, "ibv_context.ops.poll_cq");
    requestNotify = pointer(context, "ibv_context.ops.req_notify_cq");
  }

  private static MemorySegment pointer(long context, String member) {
    return MemorySegment.ofAddress(RawMemory.getLong(context + VerbsLayout.of(member)));
  }

  /** ibv_post_send of a chain of struct ibv_send_wr; {@code bad} gets the first not posted. */
  public int postSend(long qp, long chain, long bad) {
    try {
      return (int) POST.invokeExact(postSend, qp, chain, bad);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** ibv_post_recv of a chain of struct ibv_recv_wr. */
  public int postReceive(long qp, long chain, long bad) {
    try {
      return (int) POST.invokeExact(postReceive, qp, chain, bad);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** ibv_poll_cq into an array of struct ibv_wc. */
  public int poll(long cq, int entries, long completions) {
    try {
      return (int) POLL.invokeExact(pollCq, cq, entries, completions);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** ibv_req_notify_cq for any completion. */
  public int requestNotify(long cq) {
    return requestNotify(cq, false);
  }

  /** ibv_req_notify_cq for any completion, or only for those that a sender wants to be told. */
  public int requestNotify(long cq, boolean solicitedOnly) {
    try {
      return (int) NOTIFY.invokeExact(requestNotify, cq, solicitedOnly ? 1 : 0);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** ibv_get_cq_event of a channel that does not block: 0 when there was one. */
  public static int getCqEvent(long channel, long cqPlace, long contextPlace) {
    try {
      return (int) GET_CQ_EVENT.invokeExact(channel, cqPlace, contextPlace);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** ibv_ack_cq_events. */
  public static void ackCqEvents(long cq, int events) {
    try {
      ACK_CQ_EVENTS.invokeExact(cq, events);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}

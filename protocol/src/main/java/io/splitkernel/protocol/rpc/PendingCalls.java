package io.splitkernel.protocol.rpc;

import io.splitkernel.protocol.sbe.DoneDecoder;
import io.splitkernel.protocol.sbe.Outcome;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The calls of one connection that are not answered yet, by their correlation ids. Any thread. */
final class PendingCalls {
  private final Map<Long, Call> calls = new ConcurrentHashMap<>();
  private final AtomicLong nextId = new AtomicLong();

  /** One call, of the thread that made it. */
  static final class Call {
    private final int replyTemplateId;
    private final Thread caller = Thread.currentThread();
    private volatile CallResult result;

    private Call(int replyTemplateId) {
      this.replyTemplateId = replyTemplateId;
    }

    /** How it ended; null as long as it has not. */
    CallResult result() {
      return result;
    }

    private void end(CallResult how) {
      if (result == null) {
        result = how;
        if (caller != Thread.currentThread()) {
          LockSupport.unpark(caller);
        }
      }
    }
  }

  /** An id for a call. */
  long nextId() {
    return nextId.incrementAndGet();
  }

  /** The current thread's call; {@link #remove} must follow. */
  Call add(long id, int replyTemplateId) {
    Call call = new Call(replyTemplateId);
    calls.put(id, call);
    return call;
  }

  void remove(long id) {
    calls.remove(id);
  }

  /**
   * An answer has come.
   *
   * @return false when nobody has called.
   * @throws ProtocolViolation when it does not answer that call.
   */
  boolean answer(Message message) throws ProtocolViolation {
    Call call = calls.get(message.correlationId());
    if (call == null) {
      return false;
    }
    CallResult result = resultOf(message, call.replyTemplateId);
    calls.remove(message.correlationId()); // what is no answer leaves it, to end with the others
    call.end(result);
    return true;
  }

  private static CallResult resultOf(Message message, int expected) throws ProtocolViolation {
    int templateId = message.templateId();
    if (templateId == DoneDecoder.TEMPLATE_ID) {
      DoneDecoder done = new DoneDecoder();
      done.wrapAndApplyHeader(message.buffer(), 0, message.header());
      if (done.outcome() != Outcome.OK || expected != templateId) {
        return new CallResult.Refused(done.outcome(), done.reason());
      }
    } else if (templateId != expected) {
      throw new ProtocolViolation("message " + templateId + " answers a call for " + expected);
    }
    return new CallResult.Reply(message.copy());
  }

  /** Wakes one of the callers that wait, so that it looks again; false when there is none. */
  boolean wakeOne() {
    for (Call call : calls.values()) {
      if (call.result == null) {
        LockSupport.unpark(call.caller);
        return true;
      }
    }
    return false;
  }

  /** All calls end like that. */
  void endAll(CallResult how) {
    calls.values().forEach(c -> c.end(how));
  }
}

package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.rdma.VerbsQueues;

/**
 * Posts sends on a queue pair. Slots are counted here, since a device may round a queue up. One
 * thread; data path, allocates nothing.
 */
final class SendSide implements AutoCloseable {
  private final VerbsConnection connection;
  private final long qp;
  private final VerbsQueues queues;
  private final RequestCheck check;
  private final PostedRing posted;
  private final PostGate gate = new PostGate();
  private final RequestWriter writer = new RequestWriter();

  SendSide(VerbsConnection connection, long qp, VerbsFabric fabric, int depth) {
    this.connection = connection;
    this.qp = qp;
    this.queues = fabric.queues();
    this.check = new RequestCheck(fabric.limits());
    this.posted = new PostedRing(depth);
  }

  PostedRing posted() {
    return posted;
  }

  PostGate gate() {
    return gate;
  }

  /** {@link Connection#post(WorkRequest)}. */
  int post(WorkRequest request) {
    gate.enter();
    try {
      return connection.isClosed() ? Connection.CLOSED : postOne(request);
    } finally {
      gate.leave();
    }
  }

  /** {@link Connection#post(WorkRequest[], int)}. */
  int post(WorkRequest[] requests, int count) {
    gate.enter();
    try {
      return connection.isClosed() ? Connection.CLOSED : postAll(requests, count);
    } finally {
      gate.leave();
    }
  }

  private int postOne(WorkRequest request) {
    long length = check.lengthOf(request);
    if (length < 0) {
      return Connection.INVALID;
    }
    if (posted.room() == 0) {
      return Connection.QUEUE_FULL;
    }
    long sequence = posted.next();
    posted.note(sequence, request.wrId(), request.opcode(), (int) length);
    writer.send(0, request, sequence);
    writer.end(0);
    posted.advance(1);
    int result = queues.postSend(qp, writer.chain(), writer.bad());
    if (result != 0) {
      posted.retreat(1);
      return result == Errno.ENOMEM ? Connection.QUEUE_FULL : Connection.INVALID;
    }
    return Connection.POSTED;
  }

  private int postAll(WorkRequest[] requests, int count) {
    int done = 0;
    while (done < count) {
      int some = postSome(requests, done, Math.min(count - done, RequestWriter.CHAIN_MAX));
      if (some < 0) {
        return done == 0 ? some : done;
      }
      done += some;
      if (some == 0) {
        break;
      }
    }
    return done;
  }

  /** One chain, one doorbell. */
  private int postSome(WorkRequest[] requests, int from, int count) {
    int most = Math.min(count, posted.room());
    int chained = 0;
    while (chained < most) {
      WorkRequest request = requests[from + chained];
      long length = check.lengthOf(request);
      if (length < 0) {
        break;
      }
      long sequence = posted.next() + chained;
      posted.note(sequence, request.wrId(), request.opcode(), (int) length);
      writer.send(chained, request, sequence);
      chained++;
    }
    if (chained == 0) {
      return most == 0 ? 0 : Connection.INVALID;
    }
    writer.end(chained - 1);
    posted.advance(chained);
    if (queues.postSend(qp, writer.chain(), writer.bad()) != 0) {
      int good = writer.badIndex();
      posted.retreat(chained - good);
      return good == 0 ? Connection.INVALID : good;
    }
    return chained;
  }

  /** Nobody posts any more. */
  @Override
  public void close() {
    writer.close();
  }
}

package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection.State;
import io.splitkernel.fabric.Opcode;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.RawMemory;

/** Runs one request against the peer's memory, under the network's monitor. */
final class SimInitiator {
  private final SimConnection own;
  private final PostedRequest posted;
  private final WorkRequest request;
  private final long[] local = new long[WorkRequest.SCATTER_MAX];

  private SimInitiator(SimConnection own, PostedRequest posted) {
    this.own = own;
    this.posted = posted;
    this.request = posted.request();
  }

  static CompletionStatus run(SimConnection own, PostedRequest posted) {
    return new SimInitiator(own, posted).run();
  }

  private CompletionStatus run() {
    if (own.peer().state() != State.CONNECTED) {
      return CompletionStatus.RETRY_EXCEEDED;
    }
    if (!resolveLocal()) {
      return CompletionStatus.LOCAL_PROTECTION_ERROR;
    }
    return switch (request.opcode()) {
      case READ -> oneSided(Access.REMOTE_READ);
      case WRITE -> oneSided(Access.REMOTE_WRITE);
      case COMPARE_AND_SWAP, FETCH_AND_ADD -> oneSided(Access.REMOTE_ATOMIC);
      case WRITE_WITH_IMMEDIATE -> writeWithImmediate();
      case SEND -> send();
      case RECEIVE, RECEIVE_WITH_IMMEDIATE -> throw new AssertionError(request.opcode());
    };
  }

  private boolean resolveLocal() {
    boolean writes = request.opcode() != Opcode.SEND && !isWrite();
    for (int i = 0; i < request.scatterCount() && posted.inline() == null; i++) {
      if (request.localLength(i) > 0) {
        local[i] =
            own.fabric()
                .resolve(
                    request.localKey(i),
                    own.domain(),
                    writes ? Access.LOCAL_WRITE : 0,
                    request.localAddress(i),
                    request.localLength(i));
        if (local[i] == 0) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean isWrite() {
    return request.opcode() == Opcode.WRITE || request.opcode() == Opcode.WRITE_WITH_IMMEDIATE;
  }

  private CompletionStatus oneSided(int access) {
    if ((own.peer().config().remoteAccess() & access) == 0) {
      return CompletionStatus.REMOTE_INVALID_REQUEST;
    }
    if (posted.totalBytes() == 0) {
      return CompletionStatus.SUCCESS;
    }
    long remote = remote(request.rkey(), access, request.remoteAddress());
    if (remote == 0) {
      return CompletionStatus.REMOTE_ACCESS_ERROR;
    }
    switch (access) {
      case Access.REMOTE_READ -> scatter(remote);
      case Access.REMOTE_WRITE -> gather(remote);
      default -> atomic(remote);
    }
    return CompletionStatus.SUCCESS;
  }

  private long remote(int key, int access, long address) {
    return own.peer()
        .fabric()
        .resolve(key, own.peer().domain(), access, address, posted.totalBytes());
  }

  private void scatter(long remote) {
    long from = remote;
    for (int i = 0; i < request.scatterCount(); i++) {
      RawMemory.copy(from, local[i], request.localLength(i));
      from += request.localLength(i);
    }
  }

  private void gather(long remote) {
    long to = remote;
    if (posted.inline() != null) {
      for (byte one : posted.inline()) {
        RawMemory.putByte(to++, one);
      }
      return;
    }
    for (int i = 0; i < request.scatterCount(); i++) {
      RawMemory.copy(local[i], to, request.localLength(i));
      to += request.localLength(i);
    }
  }

  private void atomic(long remote) {
    long old =
        request.opcode() == Opcode.FETCH_AND_ADD
            ? RawMemory.getAndAddLong(remote, request.compareOrAdd())
            : RawMemory.compareAndExchangeLong(remote, request.compareOrAdd(), request.swap());
    RawMemory.putLongUnaligned(local[0], old);
  }

  private CompletionStatus writeWithImmediate() {
    CompletionStatus status = oneSided(Access.REMOTE_WRITE);
    if (status == CompletionStatus.SUCCESS) {
      own.peer()
          .completeReceive(
              status,
              Opcode.RECEIVE_WITH_IMMEDIATE,
              (int) posted.totalBytes(),
              request.immediate());
    }
    return status;
  }

  private CompletionStatus send() {
    SimConnection.Receive receive = own.peer().peekReceive();
    if (posted.totalBytes() > receive.lengthBytes()) {
      own.peer().completeReceive(CompletionStatus.LOCAL_LENGTH_ERROR, Opcode.RECEIVE, 0, 0);
      return CompletionStatus.REMOTE_INVALID_REQUEST;
    }
    if (posted.totalBytes() > 0) {
      long remote = remote(receive.lkey(), Access.LOCAL_WRITE, receive.address());
      if (remote == 0) {
        own.peer().completeReceive(CompletionStatus.LOCAL_PROTECTION_ERROR, Opcode.RECEIVE, 0, 0);
        return CompletionStatus.REMOTE_OPERATION_ERROR;
      }
      gather(remote);
    }
    own.peer()
        .completeReceive(CompletionStatus.SUCCESS, Opcode.RECEIVE, (int) posted.totalBytes(), 0);
    return CompletionStatus.SUCCESS;
  }
}

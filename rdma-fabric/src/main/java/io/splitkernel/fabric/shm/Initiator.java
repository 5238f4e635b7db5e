package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Opcode;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.RawMemory;

/**
 * Runs work requests of one end of a connection: checks keys as an RDMA card would, copies, answers
 * receives of the peer. Data path; owned by one thread at a time.
 */
final class Initiator {
  /** The peer has not posted a receive; try again. */
  static final int WAIT_RECEIVE = -1;

  /** The memory at the peer is not mapped yet; try again. */
  static final int WAIT_MEMORY = -2;

  private static final int SUCCESS = CompletionStatus.SUCCESS.ordinal();
  private static final int PROTECTION = CompletionStatus.LOCAL_PROTECTION_ERROR.ordinal();
  private static final int ACCESS = CompletionStatus.REMOTE_ACCESS_ERROR.ordinal();
  private static final int INVALID = CompletionStatus.REMOTE_INVALID_REQUEST.ordinal();
  private static final int OPERATION = CompletionStatus.REMOTE_OPERATION_ERROR.ordinal();
  private static final int FLUSHED = CompletionStatus.FLUSHED.ordinal();
  private static final int RETRY = CompletionStatus.RETRY_EXCEEDED.ordinal();
  private static final int LENGTH = CompletionStatus.LOCAL_LENGTH_ERROR.ordinal();

  private final ConnectionMemory memory;
  private final KeyTable ownKeys;
  private final int ownDomain;
  private final RemoteFabric remote;
  private final KeyTable remoteKeys;
  private final PeerEnd peer;
  private final long[] local = new long[WorkRequest.SCATTER_MAX];
  private long operations;
  private long receivesConsumed;
  private int missingMemory;

  Initiator(
      ConnectionMemory memory, KeyTable ownKeys, int ownDomain, RemoteFabric remote, PeerEnd peer) {
    this.memory = memory;
    this.ownKeys = ownKeys;
    this.ownDomain = ownDomain;
    this.remote = remote;
    this.remoteKeys = remote.keys();
    this.peer = peer;
  }

  /** Memory that the last {@link #WAIT_MEMORY} was about. */
  int missingMemory() {
    return missingMemory;
  }

  /** Runs a request: the ordinal of its {@link CompletionStatus}, or a WAIT. */
  int execute(WorkRequest request, long total) {
    boolean twoSided = request.opcode() == Opcode.SEND;
    memory.beginOperation(twoSided ? 0 : request.rkey(), ++operations);
    int result;
    try {
      result = run(request, total);
    } catch (InternalError pageNotAvailable) {
      result = OPERATION; // the JVM's answer to SIGBUS: no physical memory left for the page
    }
    memory.endOperation(++operations);
    return result;
  }

  private int run(WorkRequest request, long total) {
    if (memory.isOwnError()) {
      return FLUSHED;
    }
    if (memory.isPeerError()) {
      return RETRY;
    }
    Opcode opcode = request.opcode();
    boolean writesLocal =
        opcode == Opcode.READ
            || opcode == Opcode.COMPARE_AND_SWAP
            || opcode == Opcode.FETCH_AND_ADD;
    if (!resolveLocal(request, writesLocal ? Access.LOCAL_WRITE : 0)) {
      return PROTECTION;
    }
    return switch (opcode) {
      case READ -> read(request, total);
      case WRITE -> write(request, total);
      case WRITE_WITH_IMMEDIATE -> writeWithImmediate(request, total);
      case SEND -> send(request, total);
      case COMPARE_AND_SWAP, FETCH_AND_ADD -> atomic(request);
      case RECEIVE, RECEIVE_WITH_IMMEDIATE -> INVALID;
    };
  }

  private boolean resolveLocal(WorkRequest request, int access) {
    boolean inline = request.isInline();
    for (int i = 0; i < request.scatterCount(); i++) {
      long address = request.localAddress(i);
      int length = request.localLength(i);
      if (!inline && length > 0) {
        address = ownKeys.resolve(request.localKey(i), ownDomain, access, address, length);
        if (address < 0) {
          return false;
        }
      }
      local[i] = address;
    }
    return true;
  }

  /** Address of the remote range in this process, or what {@link KeyTable#resolve} refused with. */
  private long target(int key, int access, long address, long length) {
    long found = remoteKeys.resolve(key, peer.domain(), access, address, length);
    if (found == KeyTable.UNMAPPED) {
      missingMemory = remoteKeys.memoryOf(key);
    }
    return found;
  }

  private static int refusal(long target) {
    return target == KeyTable.UNMAPPED ? WAIT_MEMORY : ACCESS;
  }

  private int read(WorkRequest request, long total) {
    if ((peer.remoteAccess() & Access.REMOTE_READ) == 0) {
      return INVALID;
    }
    if (total == 0) {
      return SUCCESS;
    }
    long from = target(request.rkey(), Access.REMOTE_READ, request.remoteAddress(), total);
    if (from < 0) {
      return refusal(from);
    }
    for (int i = 0; i < request.scatterCount(); i++) {
      RawMemory.copy(from, local[i], request.localLength(i));
      from += request.localLength(i);
    }
    return SUCCESS;
  }

  private int write(WorkRequest request, long total) {
    if ((peer.remoteAccess() & Access.REMOTE_WRITE) == 0) {
      return INVALID;
    }
    if (total == 0) {
      return SUCCESS;
    }
    long to = target(request.rkey(), Access.REMOTE_WRITE, request.remoteAddress(), total);
    if (to < 0) {
      return refusal(to);
    }
    gather(request, to);
    return SUCCESS;
  }

  private void gather(WorkRequest request, long target) {
    long to = target;
    for (int i = 0; i < request.scatterCount(); i++) {
      RawMemory.copy(local[i], to, request.localLength(i));
      to += request.localLength(i);
    }
  }

  private int atomic(WorkRequest request) {
    if ((peer.remoteAccess() & Access.REMOTE_ATOMIC) == 0) {
      return INVALID;
    }
    long at = target(request.rkey(), Access.REMOTE_ATOMIC, request.remoteAddress(), Long.BYTES);
    if (at < 0) {
      return refusal(at);
    }
    long old =
        request.opcode() == Opcode.FETCH_AND_ADD
            ? RawMemory.getAndAddLong(at, request.compareOrAdd())
            : RawMemory.compareAndExchangeLong(at, request.compareOrAdd(), request.swap());
    RawMemory.putLongUnaligned(local[0], old);
    return SUCCESS;
  }

  private int writeWithImmediate(WorkRequest request, long total) {
    if (memory.peerReceivesPosted() <= receivesConsumed) {
      return WAIT_RECEIVE;
    }
    int result = write(request, total);
    if (result == SUCCESS) {
      answer(memory.peerReceive(receivesConsumed), SUCCESS, (int) total, 1, request.immediate());
    }
    return result;
  }

  private int send(WorkRequest request, long total) {
    if (memory.peerReceivesPosted() <= receivesConsumed) {
      return WAIT_RECEIVE;
    }
    long entry = memory.peerReceive(receivesConsumed);
    if (total > RawMemory.getInt(entry + ConnectionMemory.ENTRY_LENGTH)) {
      answer(entry, LENGTH, 0, 0, 0);
      return INVALID;
    }
    if (total > 0) {
      long to =
          target(
              RawMemory.getInt(entry + ConnectionMemory.ENTRY_KEY),
              Access.LOCAL_WRITE,
              RawMemory.getLong(entry + ConnectionMemory.ENTRY_ADDRESS),
              total);
      if (to == KeyTable.UNMAPPED) {
        return WAIT_MEMORY;
      }
      if (to < 0) {
        answer(entry, PROTECTION, 0, 0, 0);
        return OPERATION;
      }
      gather(request, to);
    }
    answer(entry, SUCCESS, (int) total, 0, 0);
    return SUCCESS;
  }

  private void answer(long entry, int status, int length, int opcode, int immediate) {
    RawMemory.putInt(entry + ConnectionMemory.ENTRY_RECEIVED, length);
    RawMemory.putInt(entry + ConnectionMemory.ENTRY_IMMEDIATE, immediate);
    RawMemory.putInt(entry + ConnectionMemory.ENTRY_STATUS, status);
    RawMemory.putInt(entry + ConnectionMemory.ENTRY_OPCODE, opcode);
    memory.completePeerReceives(++receivesConsumed);
    peer.wakeReceiver(remote);
  }
}

package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Opcode;
import io.splitkernel.ffi.rdma.VerbsLayout;

/** Verbs' numbers for operations and statuses, both ways. Data path: tables only. */
final class WireNames {
  private static final int WITH_IMMEDIATE = VerbsLayout.of("IBV_WC_RECV_RDMA_WITH_IMM");
  private static final CompletionStatus[] STATUSES = new CompletionStatus[64];
  private static final int[] POSTED = new int[Opcode.values().length];

  static {
    for (CompletionStatus status : CompletionStatus.values()) {
      STATUSES[status.code()] = status;
    }
    POSTED[Opcode.READ.ordinal()] = VerbsLayout.of("IBV_WR_RDMA_READ");
    POSTED[Opcode.WRITE.ordinal()] = VerbsLayout.of("IBV_WR_RDMA_WRITE");
    POSTED[Opcode.WRITE_WITH_IMMEDIATE.ordinal()] = VerbsLayout.of("IBV_WR_RDMA_WRITE_WITH_IMM");
    POSTED[Opcode.SEND.ordinal()] = VerbsLayout.of("IBV_WR_SEND");
    POSTED[Opcode.COMPARE_AND_SWAP.ordinal()] = VerbsLayout.of("IBV_WR_ATOMIC_CMP_AND_SWP");
    POSTED[Opcode.FETCH_AND_ADD.ordinal()] = VerbsLayout.of("IBV_WR_ATOMIC_FETCH_AND_ADD");
  }

  private WireNames() {}

  /** Operation of a good receive. */
  static Opcode received(int code) {
    return code == WITH_IMMEDIATE ? Opcode.RECEIVE_WITH_IMMEDIATE : Opcode.RECEIVE;
  }

  /** Status of a completion; what the fabric has no name for is a broken queue pair. */
  static CompletionStatus status(int code) {
    CompletionStatus status = code >= 0 && code < STATUSES.length ? STATUSES[code] : null;
    return status == null ? CompletionStatus.LOCAL_QP_OPERATION_ERROR : status;
  }

  /** Number of an operation that is posted. */
  static int posted(Opcode opcode) {
    return POSTED[opcode.ordinal()];
  }
}

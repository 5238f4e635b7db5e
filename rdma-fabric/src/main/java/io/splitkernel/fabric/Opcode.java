package io.splitkernel.fabric;

/** What a work request or a completion is about. */
public enum Opcode {
  /** One-sided read. */
  READ,
  /** One-sided write. */
  WRITE,
  /** One-sided write that consumes a receive. */
  WRITE_WITH_IMMEDIATE,
  /** Two-sided send. */
  SEND,
  /** 8-byte compare-and-swap. */
  COMPARE_AND_SWAP,
  /** 8-byte fetch-and-add. */
  FETCH_AND_ADD,
  /** Completion of a receive by a SEND. */
  RECEIVE,
  /** Completion of a receive by a WRITE with immediate. */
  RECEIVE_WITH_IMMEDIATE
}

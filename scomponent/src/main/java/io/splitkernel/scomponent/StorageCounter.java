package io.splitkernel.scomponent;

/** What a storage component counts. */
public enum StorageCounter {
  /** Peers that joined. */
  JOINS,
  /** Peers that did not join: wrong secret, wrong messages, or too late. */
  FAILED_JOINS,
  /** Messages that were malformed, oversized, unknown or out of order. */
  REJECTED_MESSAGES,
  /** Peers that did not answer, or did not take answers, in time. */
  MISSED_DEADLINES
}

package io.splitkernel.scomponent;

/** What a storage component counts. Gauges say what is now, the others what has been. */
public enum StorageCounter {
  /** Gauge: clients that are connected, or whose last operations still run. */
  CLIENTS,
  /** Operations on files that were answered. */
  OPERATIONS,
  /** Bytes of files that were read. */
  READ_BYTES,
  /** Bytes of files that were written. */
  WRITTEN_BYTES,
  /** Peers that joined. */
  JOINS,
  /** Peers that did not join: wrong secret, wrong messages, or too late. */
  FAILED_JOINS,
  /** Messages that were malformed, oversized, unknown or out of order. */
  REJECTED_MESSAGES,
  /** Peers that did not answer, or did not take answers, in time. */
  MISSED_DEADLINES
}

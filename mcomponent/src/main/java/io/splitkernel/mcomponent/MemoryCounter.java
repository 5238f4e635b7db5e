package io.splitkernel.mcomponent;

/** What a memory component counts. Gauges say what is now, the others what has been. */
public enum MemoryCounter {
  /** Gauge: bytes that the component offers. */
  BYTES_CAPACITY,
  /** Gauge: bytes of extents that are materialised. */
  BYTES_IN_USE,
  /** Gauge: extents that are materialised and registered. */
  EXTENTS_IN_USE,
  /** Gauge: address spaces that are open. */
  SPACES,
  /** Gauge: data connections that are open. */
  DATA_CONNECTIONS,
  /** Gauge: bytes of memory for files. */
  FILE_CACHE_CAPACITY,
  /** Gauge: bytes of it that hold cached files. */
  FILE_CACHE_BYTES,
  /** Gauge: bytes of it that are not written back yet. */
  FILE_CACHE_DIRTY,
  /** Gauge: volumes that are cached. */
  FILE_CACHE_VOLUMES,
  /** Gauge: clients of files that are connected, or whose last operations still run. */
  FILE_CLIENTS,
  /** Reads of files that were answered from memory. */
  FILE_CACHE_HITS,
  /** Reads of files that had to ask the storage component. */
  FILE_CACHE_MISSES,
  /** Extents materialised. */
  EXTENTS_ALLOCATED,
  /** Extents deregistered, scrubbed and returned to the pool. */
  EXTENTS_FREED,
  /** Extents refused because the component was full. */
  EXTENTS_REFUSED,
  /** Extents that could not be scrubbed and are never used again. */
  EXTENTS_QUARANTINED,
  /** Extents refused because their vRegion belongs to another component. */
  WRONG_OWNER,
  /** Spaces freed because their processor component was gone. */
  SPACES_ORPHANED,
  /** Peers that joined. */
  JOINS,
  /** Peers that did not join: wrong secret, wrong messages, or too late. */
  FAILED_JOINS,
  /** Messages that were malformed, oversized, unknown or out of order. */
  REJECTED_MESSAGES,
  /** Peers that did not answer, or did not take answers, in time. */
  MISSED_DEADLINES,
  /** Data connections refused: no such space, wrong token, too many. */
  REFUSED_DATA_CONNECTIONS
}

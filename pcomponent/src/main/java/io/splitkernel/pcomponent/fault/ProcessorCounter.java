package io.splitkernel.pcomponent.fault;

/** What a processor component counts. Names are stable: they appear in statistics and metrics. */
public enum ProcessorCounter {
  /** Fault messages read, all kinds. */
  PAGE_FAULTS,
  /** Pages of zeros given to programs for pages that were never written. */
  ZERO_FILLS,
  /** Faults served from the local victim area. */
  VICTIM_HITS,
  /** Pages read from remote memory, on demand and ahead. */
  REMOTE_READS,
  /** Bytes of them. */
  REMOTE_READ_BYTES,
  /** Pages read ahead of a stream. */
  PREFETCHED,
  /** Read-ahead pages that were installed because the program reached their window. */
  PREFETCH_HITS,
  /** Pages taken out of programs. */
  EVICTIONS,
  /** Pages written to remote memory. */
  REMOTE_WRITES,
  /** Bytes of them. */
  REMOTE_WRITE_BYTES,
  /**
   * Most local memory in use for program pages so far, in bytes: lines and frames. Pages that a
   * fork shares by copy-on-write count for each process, so that a fork exceeds the cache on paper
   * until eviction has caught up.
   */
  RESIDENT_PEAK_BYTES,
  /** Local memory in use for program pages now, in bytes: lines and frames. */
  RESIDENT_BYTES,
  /** Program pages that exist anywhere now, in bytes. */
  IN_USE_BYTES,
  /** Write-protect faults: first writes to clean pages. */
  WRITE_PROTECT_FAULTS,
  /** Faults that needed only a wake-up: duplicates and stale messages. */
  MINOR_FAULTS,
  /** Faults that had to wait for room in the cache. */
  STARVED_FAULTS,
  /** Calls repeated because a fork was going on. */
  FORK_RETRIES,
  /** Evictions refused because the page was pinned. */
  PINNED,
  /** Evictions that took the write-protect path. */
  WRITE_PROTECT_EVICTIONS,
  /** Evicted pages that were all zero and therefore forgotten. */
  ZERO_EVICTIONS,
  /** Processes that could get no agent, so that their memory was local and not bounded. */
  LOCAL_PROCESSES,
  /** Address spaces forked. */
  FORKS,
  /** Remote contents carried elsewhere before their owner overwrote them. */
  RESCUES,
  /** Address spaces now. */
  SPACES,
  /** Extents asked of memory components. */
  EXTENT_REQUESTS,
  /** Completions of operations whose page had gone meanwhile. */
  STALE_COMPLETIONS
}

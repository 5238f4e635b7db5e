package io.splitkernel.pcomponent.fault;

/** What a fault needed; each has its own latency histogram. */
public enum FaultStage {
  /** Any fault. */
  ALL,
  /** A page of zeros. */
  ZERO_FILL,
  /** A copy from the victim area. */
  VICTIM_HIT,
  /** A READ from remote memory. */
  REMOTE_READ,
  /** The first write to a clean page. */
  WRITE_PROTECT
}

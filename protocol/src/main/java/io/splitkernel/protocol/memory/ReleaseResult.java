package io.splitkernel.protocol.memory;

/** Answer to {@link MemoryClient#closeSpace} and {@link MemoryClient#releaseExtents}. */
public sealed interface ReleaseResult {
  /** Freed. */
  record Released() implements ReleaseResult {}

  /** The space is not open on this connection. */
  record NotOpen() implements ReleaseResult {}

  /**
   * The component could not be asked or did not answer in time.
   *
   * @param reason one line.
   */
  record Failed(String reason) implements ReleaseResult {}
}

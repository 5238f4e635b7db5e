package io.splitkernel.mcomponent.filecache;

/**
 * Tells whether the volume is still ours. Asked when the upstream volume answers ESTALE to an
 * operation that names a file, which can also mean that the file is gone. Any thread.
 */
@FunctionalInterface
public interface Ownership {
  /**
   * Asks.
   *
   * @return false when another one has taken the volume.
   */
  boolean held();
}

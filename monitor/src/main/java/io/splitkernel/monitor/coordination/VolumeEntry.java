package io.splitkernel.monitor.coordination;

/**
 * Who has a volume of files.
 *
 * @param owner node id of the memory component that caches it, {@link #DIRECT} or {@link #FREE}.
 * @param epoch grows with every change of the owner.
 * @param keptSinceEpoch the owners of this and every later epoch have written everything back
 *     before another one came.
 */
public record VolumeEntry(long owner, long epoch, long keptSinceEpoch) {
  /** Nobody caches it: all clients use the storage component. */
  public static final long DIRECT = 0;

  /** The last owner has given it up. */
  public static final long FREE = -1;
}

package io.splitkernel.protocol.files;

/**
 * Attributes to change at once. Times in nanoseconds since 1970, or {@link #NOW}.
 *
 * @param set bits of what is to be changed.
 * @param mode permission bits, 0 to 07777.
 * @param uid owner.
 * @param gid group.
 * @param sizeBytes length; longer than before is a hole.
 * @param accessedNs time of last access.
 * @param modifiedNs time of last modification.
 */
public record AttributeChange(
    int set, int mode, int uid, int gid, long sizeBytes, long accessedNs, long modifiedNs) {
  /** Bits of {@link #set}. */
  public static final int MODE = 1;

  public static final int UID = 2;
  public static final int GID = 4;
  public static final int SIZE = 8;
  public static final int ACCESSED = 16;
  public static final int MODIFIED = 32;

  /** The server's time. */
  public static final long NOW = Long.MIN_VALUE;

  /** Permissions. */
  public static AttributeChange mode(int mode) {
    return new AttributeChange(MODE, mode, 0, 0, 0, 0, 0);
  }

  /** Owner and group; -1 leaves one as it is. */
  public static AttributeChange owner(int uid, int gid) {
    int set = (uid == -1 ? 0 : UID) | (gid == -1 ? 0 : GID);
    return new AttributeChange(set, 0, uid, gid, 0, 0, 0);
  }

  /** Length. */
  public static AttributeChange size(long sizeBytes) {
    return new AttributeChange(SIZE, 0, 0, 0, sizeBytes, 0, 0);
  }

  /** Times. */
  public static AttributeChange times(long accessedNs, long modifiedNs) {
    return new AttributeChange(ACCESSED | MODIFIED, 0, 0, 0, 0, accessedNs, modifiedNs);
  }

  /** Whether a bit is set. */
  public boolean has(int bit) {
    return (set & bit) != 0;
  }
}

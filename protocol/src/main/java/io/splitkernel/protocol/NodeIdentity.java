package io.splitkernel.protocol;

/**
 * Who speaks on a connection.
 *
 * @param nodeId assigned by the monitor, 1 to 2^32-1; 0 before it is assigned. Address space ids
 *     carry it in their upper 32 bits.
 * @param role what the node does.
 * @param name shown to operators, 1 to {@value #NAME_CHARS_MAX} characters.
 */
public record NodeIdentity(long nodeId, NodeRole role, String name) {
  /** Longest name. */
  public static final int NAME_CHARS_MAX = 64;

  /** Validates ranges. */
  public NodeIdentity {
    if (nodeId < 0 || nodeId > 0xFFFF_FFFFL) {
      throw new IllegalArgumentException("nodeId " + nodeId + " is not in 0..2^32-1");
    }
    if (role == null) {
      throw new IllegalArgumentException("role must not be null");
    }
    if (name == null || name.isBlank() || name.length() > NAME_CHARS_MAX) {
      throw new IllegalArgumentException(
          "node name '" + name + "' must have 1 to " + NAME_CHARS_MAX + " characters");
    }
  }

  /**
   * Forms an address space id.
   *
   * @param nodeId of the processor component, 1 to 2^32-1.
   * @param number of the space on that node; its low 32 bits count.
   * @return the id, unique in the cluster.
   */
  public static long spaceId(long nodeId, int number) {
    return nodeId << 32 | (number & 0xFFFF_FFFFL);
  }

  /**
   * The node that owns an address space (or a program: global pids are formed the same way).
   *
   * @param spaceId of the space.
   * @return the node id.
   */
  public static long nodeOf(long spaceId) {
    return spaceId >>> 32;
  }
}

package io.splitkernel.protocol.rpc;

import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.sbe.Role;

/** Roles as they travel. */
public final class Roles {
  private Roles() {}

  /**
   * For a message.
   *
   * @param role of a node.
   * @return its wire form.
   */
  public static Role toWire(NodeRole role) {
    return switch (role) {
      case PROCESSOR -> Role.PROCESSOR;
      case MEMORY -> Role.MEMORY;
      case STORAGE -> Role.STORAGE;
      case MONITOR -> Role.MONITOR;
      case CONTROL -> Role.CONTROL;
    };
  }

  /**
   * From a message.
   *
   * @param role untrusted.
   * @return the role.
   * @throws ProtocolViolation when it is none.
   */
  public static NodeRole fromWire(Role role) throws ProtocolViolation {
    return switch (role) {
      case PROCESSOR -> NodeRole.PROCESSOR;
      case MEMORY -> NodeRole.MEMORY;
      case STORAGE -> NodeRole.STORAGE;
      case MONITOR -> NodeRole.MONITOR;
      case CONTROL -> NodeRole.CONTROL;
      case SBE_UNKNOWN, NULL_VAL -> throw new ProtocolViolation("an unknown role");
    };
  }
}

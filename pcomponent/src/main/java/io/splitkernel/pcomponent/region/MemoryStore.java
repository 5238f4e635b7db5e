package io.splitkernel.pcomponent.region;

import io.splitkernel.protocol.memory.MemoryClient;

/** One memory component, as this processor component knows it. */
final class MemoryStore {
  private final long nodeId;
  private final MemoryClient client;
  private volatile String lostReason;

  MemoryStore(long nodeId, MemoryClient client) {
    this.nodeId = nodeId;
    this.client = client;
  }

  long nodeId() {
    return nodeId;
  }

  MemoryClient client() {
    return client;
  }

  /** Notes the loss; false when it was known. */
  synchronized boolean lose(String reason) {
    if (lostReason != null) {
      return false;
    }
    lostReason =
        "memory lost: memory component " + nodeId + " at " + client.address() + ": " + reason;
    return true;
  }

  boolean isLost() {
    return lostReason != null;
  }

  /** One line, or null. */
  String lostReason() {
    return lostReason;
  }
}

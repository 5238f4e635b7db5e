package io.splitkernel.protocol.files.client;

import io.splitkernel.fabric.FabricException;

/** A server knows a higher epoch of the volume. */
final class EpochRefusedException extends FabricException {
  private static final long serialVersionUID = 1L;
  private final long epoch;

  EpochRefusedException(String message, long epoch) {
    super(message);
    this.epoch = epoch;
  }

  long epoch() {
    return epoch;
  }
}

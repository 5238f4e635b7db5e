package io.splitkernel.protocol.files.client;

import java.lang.foreign.MemorySegment;

/**
 * A buffer that file servers reach by themselves: what {@link RemoteVolume} reads into it, or
 * writes from it, is copied once less than from other memory. One thread at a time.
 */
public final class TransferBuffer implements AutoCloseable {
  private final FileClient client;
  private final int slot;
  private final MemorySegment segment;
  private boolean closed;

  TransferBuffer(FileClient client, int slot) {
    this.client = client;
    this.slot = slot;
    this.segment = client.slot(slot);
  }

  /**
   * The memory.
   *
   * @return {@link io.splitkernel.protocol.files.Volume#TRANSFER_BYTES_MAX} bytes, aligned to a
   *     page.
   */
  public MemorySegment segment() {
    return segment;
  }

  /** Gives it back to the client. Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      client.giveSlot(slot);
    }
  }
}

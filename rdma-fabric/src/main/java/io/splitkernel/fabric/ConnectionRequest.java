package io.splitkernel.fabric;

/** A peer that wants to connect: exactly one of the two methods must be called. */
public interface ConnectionRequest {
  /**
   * What the peer sent along, up to {@link FabricLimits#PRIVATE_DATA_BYTES_MAX} bytes, untrusted.
   *
   * @return a copy.
   */
  byte[] privateData();

  /**
   * Accepts.
   *
   * @param config queues of this end; receives may be posted as soon as this returns, and sends of
   *     the peer wait for them.
   * @return the established connection.
   * @throws FabricException when the peer has gone or resources are exhausted.
   */
  Connection accept(ConnectionConfig config) throws FabricException;

  /**
   * Rejects; the peer's connect fails with the reason.
   *
   * @param reason one line, cut to 128 bytes.
   */
  void reject(String reason);
}

package io.splitkernel.protocol.rpc;

/** A peer sent what it must not send. */
public final class ProtocolViolation extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line: what was wrong.
   */
  public ProtocolViolation(String message) {
    super(message, null, false, false);
  }

  /**
   * A message that the receiver does not take here.
   *
   * @param message the message.
   * @return the violation.
   */
  public static ProtocolViolation unexpected(Message message) {
    return new ProtocolViolation("message " + message.templateId() + " is not expected here");
  }
}

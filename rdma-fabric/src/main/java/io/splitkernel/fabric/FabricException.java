package io.splitkernel.fabric;

import java.io.IOException;

/**
 * A control-path operation of a fabric failed. The message names the operation, its arguments, the
 * reason and, where there is one, the cure.
 */
public class FabricException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line: what failed, with which arguments, why, and the cure.
   */
  public FabricException(String message) {
    super(message);
  }

  /**
   * @param message one line: what failed, with which arguments, why, and the cure.
   * @param cause what was thrown below.
   */
  public FabricException(String message, Throwable cause) {
    super(message, cause);
  }
}

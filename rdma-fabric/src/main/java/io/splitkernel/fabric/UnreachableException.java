package io.splitkernel.fabric;

/** Nothing listens at an address, or it is not one that the provider reaches; another one may. */
public final class UnreachableException extends FabricException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line: where, and why not.
   */
  public UnreachableException(String message) {
    super(message);
  }
}

package io.splitkernel.mcomponent.space;

/** Answer to a request for an extent. */
public sealed interface ExtentOutcome {
  /**
   * It exists.
   *
   * @param extentAddress virtual address of its first byte.
   * @param rkey never logged.
   */
  record Granted(long extentAddress, int rkey) implements ExtentOutcome {
    @Override
    public String toString() {
      return "Granted[extentAddress=0x" + Long.toHexString(extentAddress) + "]";
    }
  }

  /** The pool is exhausted. */
  record NoCapacity() implements ExtentOutcome {}

  /** Its vRegion was not granted to this component. */
  record WrongOwner() implements ExtentOutcome {}

  /**
   * It cannot be.
   *
   * @param reason one line.
   */
  record Failed(String reason) implements ExtentOutcome {}
}

package io.splitkernel.protocol.memory;

/** Answer to {@link MemoryClient#allocateExtent}. */
public sealed interface ExtentResult {
  /**
   * The extent exists, and reads as zero where nothing has been written. Asking twice gives the
   * same extent.
   *
   * @param extentAddress virtual address of its first byte, a multiple of its length; this is the
   *     remote address of work requests too.
   * @param extentBytes its length.
   * @param rkey for one-sided operations on the space's data connection; never logged.
   */
  record Granted(long extentAddress, long extentBytes, int rkey) implements ExtentResult {
    @Override
    public String toString() {
      return "Granted[extentAddress=0x"
          + Long.toHexString(extentAddress)
          + ", extentBytes="
          + extentBytes
          + "]";
    }
  }

  /**
   * The component is full.
   *
   * @param freeBytes what is left, less than an extent.
   */
  record NoCapacity(long freeBytes) implements ExtentResult {}

  /** The vRegion of the address belongs to another component. */
  record WrongOwner() implements ExtentResult {}

  /**
   * The component refused, could not be asked, or did not answer in time.
   *
   * @param reason one line.
   */
  record Failed(String reason) implements ExtentResult {}
}

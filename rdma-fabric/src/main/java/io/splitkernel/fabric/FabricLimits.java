package io.splitkernel.fabric;

/**
 * What one fabric instance can do at most; asked before use instead of found out by failure.
 *
 * @param queueDepthMax work requests that one send or receive queue can hold.
 * @param scatterMax entries of one scatter list.
 * @param inlineBytesMax bytes that a send or write can carry inline.
 * @param messageBytesMax bytes of one work request.
 * @param regionBytesMax bytes of one memory region.
 * @param onDemandPaging whether regions can be {@link Access#ON_DEMAND}.
 */
public record FabricLimits(
    int queueDepthMax,
    int scatterMax,
    int inlineBytesMax,
    long messageBytesMax,
    long regionBytesMax,
    boolean onDemandPaging) {
  /** Bytes that every provider hands from who connects to who accepts. */
  public static final int PRIVATE_DATA_BYTES_MAX = 55;

  /**
   * The smaller one of each limit.
   *
   * @param other limits of another instance.
   * @return what both can do.
   */
  public FabricLimits and(FabricLimits other) {
    return new FabricLimits(
        Math.min(queueDepthMax, other.queueDepthMax),
        Math.min(scatterMax, other.scatterMax),
        Math.min(inlineBytesMax, other.inlineBytesMax),
        Math.min(messageBytesMax, other.messageBytesMax),
        Math.min(regionBytesMax, other.regionBytesMax),
        onDemandPaging && other.onDemandPaging);
  }

  /**
   * For providers: refuses private data that is too long.
   *
   * @param remote that is to be connected to.
   * @param privateData to be sent.
   * @throws FabricException when it exceeds {@link #PRIVATE_DATA_BYTES_MAX}.
   */
  public static void checkPrivateData(FabricAddress remote, byte[] privateData)
      throws FabricException {
    if (privateData.length > PRIVATE_DATA_BYTES_MAX) {
      throw new FabricException(
          "connect("
              + remote
              + "): private data of "
              + privateData.length
              + " bytes exceeds "
              + PRIVATE_DATA_BYTES_MAX);
    }
  }
}

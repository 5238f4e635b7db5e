package io.splitkernel.fabric;

/**
 * What one fabric instance can do at most; asked before use instead of found out by failure.
 *
 * @param queueDepthMax work requests that one send or receive queue can hold.
 * @param scatterMax entries of one scatter list.
 * @param inlineBytesMax bytes that a send or write can carry inline.
 * @param messageBytesMax bytes of one work request.
 * @param regionBytesMax bytes of one memory region.
 */
public record FabricLimits(
    int queueDepthMax,
    int scatterMax,
    int inlineBytesMax,
    long messageBytesMax,
    long regionBytesMax) {}

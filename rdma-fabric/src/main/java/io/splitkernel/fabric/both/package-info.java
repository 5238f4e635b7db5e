/**
 * Two providers at once: {@code near} (shared memory) for peers on this machine, {@code far}
 * (verbs) for all others.
 *
 * <p>Read {@link io.splitkernel.fabric.both.BothFabric} first. Everything is made twice, once by
 * each provider, except memory, which is near's and adopted by far, and connections, which are the
 * provider's own: posting passes through nothing of this package. What a connection is tells its
 * number (see {@code BothFabric.NEAR_CONNECTIONS_FROM}). A region is registered with far when the
 * first far connection asks for its key, so that a cluster on one machine pins no memory.
 *
 * <p>{@code BothQueue.poll} is data path; all else is control path, any thread.
 */
package io.splitkernel.fabric.both;

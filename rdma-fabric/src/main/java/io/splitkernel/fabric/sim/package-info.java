/**
 * The fabric in one process, for tests and simulation: nodes of a {@code SimNetwork} reach each
 * other through plain objects under one lock, with the statuses and error states of the contract.
 *
 * <p>Two ways to run. {@code SimNetwork.immediate()}: a posted request runs at once, threads may
 * block. {@code SimNetwork.stepped(seed, clock)}: nothing moves until {@code step()}, which picks
 * the next request of one connection by the seed; one thread, no real time, so that a run is its
 * seed.
 *
 * <p>Faults: {@code SimNetwork.kill}, {@code SimNetwork.cut}, {@code SimFabric.failNext}.
 * Everything here may allocate; it is no data path.
 */
package io.splitkernel.fabric.sim;

/**
 * The fabric between processes of one machine: regions lie in memfds that the peer maps, one-sided
 * operations are copies made by the initiator alone, and a Unix-domain socket carries set-up and,
 * by its end, the news of the peer's death.
 *
 * <p>Read {@link io.splitkernel.fabric.shm.ShmFabric} first. Three pieces of shared memory:
 *
 * <ul>
 *   <li>the <em>table</em> of each fabric ({@code FabricTable}), read-only for peers: its keys, and
 *       whether its completion queues sleep;
 *   <li>each {@code ShmMemory}, fetched by a peer when it first meets a key that lies in it;
 *   <li>one {@code ConnectionMemory} per connection: posted receives and their completions, error
 *       words, and the word that says "an operation is running", for which a deregistration waits.
 * </ul>
 *
 * <p>Data path: {@code ShmConnection.post} runs {@code Initiator} in the caller's thread. What
 * cannot run yet (no receive posted, memory not mapped yet) waits in {@code PendingRequests}, which
 * the one event thread of the fabric ({@code EventLoop}) drains in order; while anything waits
 * there, later requests queue behind it. Control path: everything else.
 *
 * <p>Order of locks: connection close, topology (connections against deregistration), completion
 * queue, control channel. The event thread never waits for an application thread.
 *
 * <p>Trust: the listener takes connections of the same user (or root) only. Such a peer can read
 * and write the memories that it was given a descriptor of beyond its keys; keys guard against
 * mistakes, not against a hostile process of the same user. What a peer sends or writes into shared
 * memory is still checked, so that it cannot crash this process by accident or garbage.
 */
package io.splitkernel.fabric.shm;

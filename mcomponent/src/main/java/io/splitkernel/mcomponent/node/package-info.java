/**
 * The composition root of the memory component. {@link
 * io.splitkernel.mcomponent.node.MemoryComponent} starts the pool, the spaces, the server and the
 * membership, and is the only one that knows them all.
 */
package io.splitkernel.mcomponent.node;

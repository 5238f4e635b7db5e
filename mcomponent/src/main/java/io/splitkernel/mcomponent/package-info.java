/**
 * The memory component: gives memory to address spaces in extents and then stays out of the way,
 * because pages travel one-sidedly. {@code pool} owns the bytes, {@code space} the address spaces,
 * {@code node} puts both behind the protocol. Start at {@link
 * io.splitkernel.mcomponent.node.MemoryComponent}. All of it is control path.
 */
package io.splitkernel.mcomponent;

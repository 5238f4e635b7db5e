/**
 * The client side of the memory component. Read {@link
 * io.splitkernel.protocol.memory.MemoryClient}: it opens address spaces, asks for extents and opens
 * the data connections over which pages travel one-sidedly. Control path; any control thread.
 */
package io.splitkernel.protocol.memory;

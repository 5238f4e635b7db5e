/**
 * Address spaces of programs, as far as they live here. {@link
 * io.splitkernel.mcomponent.space.SpaceTable} holds them; each {@code AddressSpace} has its own
 * protection domain, in which its extents are registered at the program's own virtual addresses.
 * Control path.
 */
package io.splitkernel.mcomponent.space;

/**
 * What is known of the mappings of an address space: which ranges are supervised, of what kind they
 * are, and what the program has asked for them. Control path.
 *
 * <p>Read {@link io.splitkernel.pcomponent.space.AddressSpaceModel} first. Supervision changes a
 * model when the kernel has carried a call out; the pager's thread copies it when it reads of a
 * fork. Nothing here calls the kernel.
 */
package io.splitkernel.pcomponent.space;

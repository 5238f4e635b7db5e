/** What is known of the mappings of an address space. */
package io.splitkernel.pcomponent.space;

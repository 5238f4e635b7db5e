/**
 * The fault path: reads page faults from userfaultfd, serves them out of the ExCache or remote
 * memory, and evicts what must go. Read {@link io.splitkernel.pcomponent.fault.AddressSpaceAgent}
 * for what the owner of an address space must do on the pager's behalf, and {@code Messages} for
 * how a fork and a change of mappings at the same time are kept apart. One pager thread owns all
 * page state; data path.
 */
package io.splitkernel.pcomponent.fault;

/**
 * The extended cache: which page of which address space is where. Virtually indexed and virtually
 * tagged. Read {@link io.splitkernel.pcomponent.excache.ExCache} first; {@link
 * io.splitkernel.pcomponent.excache.PageEntry} is the 8-byte word that holds the state of one page,
 * {@link io.splitkernel.pcomponent.excache.PageTable} finds it. Everything is off-heap or in
 * primitive arrays, is O(1), and belongs to the pager thread alone. Data path.
 */
package io.splitkernel.pcomponent.excache;

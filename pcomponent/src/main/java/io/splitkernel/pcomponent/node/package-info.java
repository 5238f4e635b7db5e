/**
 * The composition root of a processor component: puts the pager, remote memory and program
 * supervision together. Read {@link io.splitkernel.pcomponent.node.ProcessorComponent}. Control
 * path.
 */
package io.splitkernel.pcomponent.node;

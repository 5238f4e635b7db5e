/**
 * Where pages live outside of this machine: {@link io.splitkernel.pcomponent.region.ClusterMemory}
 * knows which memory component holds which vRegion of which address space, and talks one-sidedly to
 * it. {@link io.splitkernel.pcomponent.region.LocalMemory} stands in for it within one process.
 */
package io.splitkernel.pcomponent.region;

/**
 * Where memory lives. {@link io.splitkernel.monitor.placement.RegionPlacement} gives each vRegion
 * to one memory component. Control path.
 */
package io.splitkernel.monitor.placement;

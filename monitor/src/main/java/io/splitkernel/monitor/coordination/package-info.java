/**
 * What must outlive a monitor: node ids given out and where vRegions live and who has the volumes
 * of files. {@link io.splitkernel.monitor.coordination.Coordination} is the port; {@link
 * io.splitkernel.monitor.coordination.InProcessCoordination} keeps it in the monitor's own memory.
 */
package io.splitkernel.monitor.coordination;

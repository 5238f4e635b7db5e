/**
 * Which programs run where. {@link io.splitkernel.monitor.process.ProgramTable} is the room.
 * Control path.
 */
package io.splitkernel.monitor.process;

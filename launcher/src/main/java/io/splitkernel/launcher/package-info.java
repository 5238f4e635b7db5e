/**
 * The lego command line, the embedded cluster and the distribution. {@link
 * io.splitkernel.launcher.Lego} is where the JVM starts; {@code command} has one class per
 * subcommand, {@code settings} the values they work with, {@code cluster} the processes of a
 * cluster on this machine, {@code program} the run of one program, {@code doctor} the checks of the
 * machine, {@code bench} the measuring of the fabric, {@code devices} the RDMA devices. Control
 * path.
 */
package io.splitkernel.launcher;

/**
 * A volume as the working directory of a program. Read {@link
 * io.splitkernel.launcher.root.RootVolume} first.
 *
 * <p>The mount is served by threads of the process that also serves the program's page faults. So
 * that neither waits for the other: threads that serve files never touch the program's memory;
 * threads that serve faults or trace never touch the mount; and no thread of the process is in a
 * native call that holds up the JVM's safepoints while it may wait for the program's address space.
 * Another thread may wait for the mount in a system call, as for any file.
 */
package io.splitkernel.launcher.root;

/**
 * Volumes as file systems of this machine, by FUSE: {@link
 * io.splitkernel.scomponent.volume.VolumeMount} mounts any {@link
 * io.splitkernel.protocol.files.Volume}.
 *
 * <p>Close-to-open: what one mount wrote is seen by whoever opens the file on another one
 * afterwards; names and attributes may be as old as {@link
 * io.splitkernel.scomponent.volume.MountSettings#attributeTimeoutMs}. Locks (flock, fcntl) are kept
 * by the kernel and hold among the programs of one mount only. O_APPEND looks the end up for every
 * write: appends of one mount never overlap, those of two mounts may.
 */
package io.splitkernel.scomponent.volume;

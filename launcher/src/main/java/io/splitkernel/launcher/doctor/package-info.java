/**
 * What this machine can do. {@link io.splitkernel.launcher.doctor.Machine} asks, {@link
 * io.splitkernel.launcher.doctor.Finding} is one answer; each "no" carries its cure. Control path.
 */
package io.splitkernel.launcher.doctor;

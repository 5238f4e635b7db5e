/**
 * Clusters on this machine. {@link io.splitkernel.launcher.cluster.EmbeddedCluster} lives as long
 * as one run; {@link io.splitkernel.launcher.cluster.LocalCluster} is what {@code lego up} starts,
 * one process per component, remembered in a {@link
 * io.splitkernel.launcher.cluster.StateDirectory}. {@link
 * io.splitkernel.launcher.cluster.TetheredProcess} is any other command in a second process that
 * ends with this one. Control path.
 */
package io.splitkernel.launcher.cluster;

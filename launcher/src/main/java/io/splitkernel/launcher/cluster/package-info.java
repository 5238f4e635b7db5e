/**
 * Clusters on this machine. {@link io.splitkernel.launcher.cluster.EmbeddedCluster} lives as long
 * as one run; {@link io.splitkernel.launcher.cluster.LocalCluster} is what {@code lego up} starts,
 * one process per component, remembered in a {@link
 * io.splitkernel.launcher.cluster.StateDirectory}. Control path.
 */
package io.splitkernel.launcher.cluster;

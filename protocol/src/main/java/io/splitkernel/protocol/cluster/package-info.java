/**
 * The client side of the monitor. Read {@link io.splitkernel.protocol.cluster.MonitorClient}: it
 * makes a process a member of the cluster, keeps its lease alive, asks where memory lives, and
 * answers what operators ask. Control path; any control thread.
 */
package io.splitkernel.protocol.cluster;

package io.splitkernel.monitor.planted;

/** Stands in for a class of the monitor. */
public final class MonitorOffender {}

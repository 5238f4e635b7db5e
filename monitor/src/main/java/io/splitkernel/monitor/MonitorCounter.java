package io.splitkernel.monitor;

/** What a monitor counts. Gauges say what is now, the others what has been. */
public enum MonitorCounter {
  /** Gauge: members. */
  MEMBERS,
  /** Gauge: running programs. */
  PROGRAMS,
  /** Gauge: vRegions that are placed. */
  REGIONS,
  /** Members that were lost: their connection ended, or their lease. */
  MEMBERS_LOST,
  /** Members whose lease ended, among those lost. */
  LEASES_EXPIRED,
  /** Members that left as they should. */
  MEMBERS_LEFT,
  /** vRegions that no memory component had room for. */
  REGIONS_REFUSED,
  /** Heartbeats taken. */
  HEARTBEATS,
  /** Peers that proved the secret. */
  JOINS,
  /** Peers that did not join: wrong secret, wrong messages, or too late. */
  FAILED_JOINS,
  /** Messages that were malformed, oversized, unknown or out of order. */
  REJECTED_MESSAGES,
  /** Peers that did not answer, or did not take answers, in time. */
  MISSED_DEADLINES
}

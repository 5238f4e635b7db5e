/**
 * Counters of a component: one documented enum each, values that any thread may bump, read by
 * heartbeats. Start at {@link io.splitkernel.protocol.counters.Counters}.
 */
package io.splitkernel.protocol.counters;

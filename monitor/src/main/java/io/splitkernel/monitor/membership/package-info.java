/**
 * Who is in the cluster. {@link io.splitkernel.monitor.membership.MemberTable} takes members in,
 * keeps their leases, and tells the others when one is gone. Control path.
 */
package io.splitkernel.monitor.membership;

/** Membership, placement and the global managers. */
package io.splitkernel.monitor;

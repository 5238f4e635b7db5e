/** Monitor, memory components and members together, in one process, without programs. */
package io.splitkernel.ci.cluster;

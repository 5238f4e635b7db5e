/**
 * The fabric on libibverbs: real RDMA devices and SoftRoCE. Start with {@link
 * io.splitkernel.fabric.verbs.VerbsFabric}. Connections are made by IP address through librdmacm;
 * one thread per fabric reads its events. {@link io.splitkernel.fabric.verbs.VerbsConnection} and
 * {@link io.splitkernel.fabric.verbs.VerbsCompletionQueue} are data path: a page fault passes
 * through them.
 */
package io.splitkernel.fabric.verbs;

/**
 * The fabric: verbs-shaped message passing and one-sided access to remote memory.
 *
 * <p>Read {@link io.splitkernel.fabric.Fabric} first, then {@link io.splitkernel.fabric.Connection}
 * (a reliable connected queue pair) and {@link io.splitkernel.fabric.CompletionQueue}. Everything
 * here is interface; the providers live in sub-packages and promise the same order, statuses and
 * error states, which one contract suite checks on all of them.
 *
 * <p>{@link io.splitkernel.fabric.Connection#post} and {@link
 * io.splitkernel.fabric.CompletionQueue#poll} are data path: they neither allocate nor lock nor
 * throw for expected outcomes. The rest is control path.
 */
package io.splitkernel.fabric;

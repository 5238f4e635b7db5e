/**
 * Supervision of an unmodified program: starting it, following its processes and threads, carrying
 * out its memory-management calls, and running code in its address spaces.
 *
 * <p>Read {@link io.splitkernel.pcomponent.process.Supervisor} first. Three threads live here: the
 * <em>tracer</em> (all ptrace requests, {@link io.splitkernel.pcomponent.process.Tracer}), the
 * <em>call listener</em> (seccomp notifications) and the <em>signal relay</em>. Control path:
 * nothing here runs for a page fault, except an agent's half of an eviction.
 *
 * <p>{@link io.splitkernel.pcomponent.process.FamilyKeeper} is the program's parent: it outlives a
 * killed JVM just long enough to take the whole family along.
 */
package io.splitkernel.pcomponent.process;

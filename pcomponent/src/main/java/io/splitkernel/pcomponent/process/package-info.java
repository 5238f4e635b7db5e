/**
 * Supervision of an unmodified program: starting it, carrying out its memory-management calls,
 * running code in its address spaces, and telling how it ended. Nobody is traced to be followed:
 * threads are for the moment in which an agent is put into their address space, and processes whose
 * signal handlers would let memory calls answer EINTR ({@link
 * io.splitkernel.pcomponent.process.SignalGuard}).
 *
 * <p>Read {@link io.splitkernel.pcomponent.process.Supervisor} first, then {@link
 * io.splitkernel.pcomponent.process.CallServer}: a reported call finds its address space by the
 * {@link io.splitkernel.pcomponent.process.Beacon}; one without an agent gets one ({@link
 * io.splitkernel.pcomponent.process.AgentSetup}); and {@link
 * io.splitkernel.pcomponent.process.MemoryCalls} carries it out. Which calls are reported is in
 * {@link io.splitkernel.pcomponent.process.SeenCalls}.
 *
 * <p>These threads live here: those that receive and carry out calls ({@link
 * io.splitkernel.pcomponent.process.CallListener}; a call's address space is locked meanwhile), the
 * one that learns of the ends of processes, the seeker ({@link
 * io.splitkernel.pcomponent.process.AgentSeeker}: agents for spaces that make no call), the signal
 * guard, the signal relay, and the killer, for which the pager does not wait. Control path: nothing
 * here runs for a page fault, except an agent's half of an eviction.
 *
 * <p>{@link io.splitkernel.pcomponent.process.FamilyKeeper} is the program's parent: it outlives a
 * killed JVM just long enough to take the whole family along.
 */
package io.splitkernel.pcomponent.process;

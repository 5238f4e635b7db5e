/**
 * Who may serve page faults. Linux asks for two things: access to {@code /dev/userfaultfd}, and
 * CAP_SYS_PTRACE of the process that asks a userfaultfd to tell of forks. An ordinary user has the
 * first by a group and the second by a small program that the administrator has installed, {@code
 * lego_userfaultfd.c}.
 *
 * <p>Read {@link io.splitkernel.pcomponent.access.UserfaultfdAccess} first; {@link
 * io.splitkernel.pcomponent.access.AccessCheck} says what is missing. Any thread, control path.
 */
package io.splitkernel.pcomponent.access;

/**
 * The run of one program: what it is started with, and what is known when it has ended. Read {@link
 * io.splitkernel.launcher.program.ProgramHost} first. Control path.
 */
package io.splitkernel.launcher.program;

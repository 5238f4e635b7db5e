package io.splitkernel.pcomponent.process;

/**
 * How a program ended.
 *
 * @param exitStatus its own status, or 128 plus the signal that ended it.
 * @param failure null, or the one-line reason for which Lego had to kill it.
 * @param memoryLost whether that reason is the loss of a memory component (and not that memory ran
 *     out).
 */
public record ProgramEnd(int exitStatus, String failure, boolean memoryLost) {}

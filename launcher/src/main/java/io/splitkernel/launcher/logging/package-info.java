/**
 * Where log lines go: to stderr for components, nowhere for short commands. {@link
 * io.splitkernel.launcher.logging.Logging} must be called before the first logger is made. Control
 * path.
 */
package io.splitkernel.launcher.logging;

/**
 * One class per subcommand: it declares its options, turns them into settings and calls the room
 * that does the work. Read {@link io.splitkernel.launcher.command.CommandLines} for how errors
 * become one line and an exit status. Control path; the main thread.
 */
package io.splitkernel.launcher.command;

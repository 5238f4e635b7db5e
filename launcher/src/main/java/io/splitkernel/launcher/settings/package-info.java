/**
 * The values that commands work with, and where each came from. {@link
 * io.splitkernel.launcher.settings.Setting} lists them; {@link
 * io.splitkernel.launcher.settings.Settings} resolves flag, environment, file and default in this
 * order. Immutable; control path.
 */
package io.splitkernel.launcher.settings;

/**
 * What the {@code lego fs} commands share: names of files on volumes, the storage components of a
 * cluster, and copying. Control path.
 */
package io.splitkernel.launcher.files;

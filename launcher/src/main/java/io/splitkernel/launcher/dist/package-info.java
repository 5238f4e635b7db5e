/**
 * What the build does to the distribution. Not used at run time. Read {@link
 * io.splitkernel.launcher.dist.RenewedJar} first.
 */
package io.splitkernel.launcher.dist;

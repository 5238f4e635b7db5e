/** The lego command line, the embedded cluster and the distribution. */
package io.splitkernel.launcher;

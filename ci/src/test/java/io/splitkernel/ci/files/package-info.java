/** Files that are cached at memory components, with all components in one JVM. */
package io.splitkernel.ci.files;

/**
 * What {@code ci/storage-bench} measures from within a JVM: random reads and synced writes through
 * the client of a storage component, beside the same on the files below it.
 */
package io.splitkernel.jmh.storage;

/**
 * Files of a volume: {@link io.splitkernel.protocol.files.Volume} is what a volume can do. Whoever
 * has one implements it: a storage component's store, the file cache of a memory component, and the
 * client of either. Results are negative error numbers, as everywhere in Linux, since a file that
 * is not there is no exception. Any thread unless said otherwise.
 */
package io.splitkernel.protocol.files;

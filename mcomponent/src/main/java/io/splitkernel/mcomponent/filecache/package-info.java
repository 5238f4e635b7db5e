/**
 * The file cache of a memory component: {@link io.splitkernel.mcomponent.filecache.CachedVolume}
 * keeps blocks of the files of another {@link io.splitkernel.protocol.files.Volume}, its upstream,
 * in bounded memory, reads ahead and writes back. It relies on being the only one who changes the
 * upstream volume, as long as that does not say otherwise.
 *
 * <p>Read {@code CachedFile} first: it tells the locks and their order. {@code ChunkCache} is the
 * memory, {@code FileTable} knows the files, {@code FileReads}, {@code FileWrites}, {@code
 * WriteBack}, {@code SizeChanges} and {@code TreeChanges} are the operations. Any thread. A read of
 * cached bytes allocates nothing and asks nobody.
 */
package io.splitkernel.mcomponent.filecache;

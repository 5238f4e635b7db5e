/**
 * Volumes of files at a memory component. {@link io.splitkernel.mcomponent.files.FileCaches} serves
 * them: read it first. Each is an {@link io.splitkernel.mcomponent.files.OwnedVolume}, a {@link
 * io.splitkernel.mcomponent.filecache.CachedVolume} over the storage component that keeps the
 * files, used under one epoch. Who owns a volume is the monitor's decision, which clients bring
 * along; that it still is the decision is checked by the storage component. Workers of the file
 * server call; state is that of each volume. No page fault passes through.
 */
package io.splitkernel.mcomponent.files;

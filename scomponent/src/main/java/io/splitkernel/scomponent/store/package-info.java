/**
 * Where files are kept. {@link io.splitkernel.scomponent.store.DirectoryStore} keeps volumes in a
 * directory; {@link io.splitkernel.scomponent.store.CheckedFile} gives each block of a file a
 * checksum. Read {@link io.splitkernel.scomponent.store.CheckedLayout} first. Any thread; locks per
 * file.
 */
package io.splitkernel.scomponent.store;

/**
 * The storage component: volumes of files on storage, served without keeping anything about a
 * client. {@code store} keeps the files, {@code node} is the running component, {@code volume}
 * shows a volume as a directory to programs.
 */
package io.splitkernel.scomponent;

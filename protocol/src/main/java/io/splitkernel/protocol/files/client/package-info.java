/**
 * The client of a file server: {@link io.splitkernel.protocol.files.client.RemoteVolume} is a
 * volume over the fabric. A lost connection is made again and the operation repeated, until a
 * deadline; the program sees nothing of a server that was restarted.
 */
package io.splitkernel.protocol.files.client;

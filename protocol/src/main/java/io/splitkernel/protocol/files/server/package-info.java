/**
 * Serves volumes over the fabric: {@link io.splitkernel.protocol.files.server.FileServer} is what a
 * component adds to its {@link io.splitkernel.protocol.rpc.RpcServer}. It keeps nothing about a
 * client but its open connection. Messages come on the connection's thread and are carried out by a
 * fixed number of workers, each with one registered buffer, so memory hardly grows with clients.
 * {@code ReadyReads} are answered on the connection's thread, as they wait for nothing.
 */
package io.splitkernel.protocol.files.server;

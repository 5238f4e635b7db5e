/**
 * Remote procedure calls over a fabric's SEND and RECEIVE. Read {@link
 * io.splitkernel.protocol.rpc.RpcConnection}: calls with deadlines in both directions of one
 * connection. {@link io.splitkernel.protocol.rpc.RpcServer} accepts them, after both sides have
 * proved that they know the secret ({@code JoinHandshake}). Control path; one thread a connection,
 * which blocks instead of spinning.
 */
package io.splitkernel.protocol.rpc;

/**
 * What components say to each other. {@link io.splitkernel.protocol.NodeIdentity} says who speaks,
 * {@link io.splitkernel.protocol.Secret} proves it; {@code rpc} carries messages over SEND and
 * RECEIVE; {@code memory} and {@code cluster} are the client sides of the memory component and of
 * the monitor; {@code sbe} is generated from {@code lego.xml}. All of it is control path.
 */
package io.splitkernel.protocol;

/**
 * A volume's operations as messages: {@link io.splitkernel.protocol.files.wire.FileRequest} and
 * {@link io.splitkernel.protocol.files.wire.FileAnswer} are what travels, as reusable objects of
 * one thread. Bytes of up to {@code inlineBytesMax} travel in the message, more of them by
 * one-sided operations of the server on the client's buffer.
 */
package io.splitkernel.protocol.files.wire;

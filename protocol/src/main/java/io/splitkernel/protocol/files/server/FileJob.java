package io.splitkernel.protocol.files.server;

import io.splitkernel.protocol.rpc.Message;

/**
 * An operation to be carried out.
 *
 * @param session that asked.
 * @param message a copy.
 */
record FileJob(FileSession session, Message message) {
  /** Memory that it holds, in bytes. */
  int bytes() {
    return message.buffer().capacity();
  }
}

package io.splitkernel.protocol.rpc;

import io.splitkernel.protocol.sbe.AllocateExtentsDecoder;
import io.splitkernel.protocol.sbe.HeartbeatDecoder;
import io.splitkernel.protocol.sbe.ListNodesReplyDecoder;
import io.splitkernel.protocol.sbe.RegisterDecoder;

/** Reads every field of the messages that have groups, as a handler would. */
final class MessageReader {
  private MessageReader() {}

  /** A number that depends on everything that was read; throws when a field cannot be read. */
  static long readAll(Message message) {
    return switch (message.templateId()) {
      case AllocateExtentsDecoder.TEMPLATE_ID -> {
        AllocateExtentsDecoder m = new AllocateExtentsDecoder();
        m.wrapAndApplyHeader(message.buffer(), 0, message.header());
        long sum = m.spaceId();
        for (AllocateExtentsDecoder.WantedDecoder wanted : m.wanted()) {
          sum += wanted.address();
        }
        yield sum;
      }
      case HeartbeatDecoder.TEMPLATE_ID -> {
        HeartbeatDecoder m = new HeartbeatDecoder();
        m.wrapAndApplyHeader(message.buffer(), 0, message.header());
        long sum = m.freeBytes();
        for (HeartbeatDecoder.CountersDecoder counter : m.counters()) {
          sum += counter.value();
        }
        yield sum;
      }
      case RegisterDecoder.TEMPLATE_ID -> {
        RegisterDecoder m = new RegisterDecoder();
        m.wrapAndApplyHeader(message.buffer(), 0, message.header());
        long sum = m.capacityBytes();
        for (RegisterDecoder.CounterNamesDecoder counter : m.counterNames()) {
          sum += counter.counter().length();
        }
        yield sum + m.name().length() + m.host().length();
      }
      case ListNodesReplyDecoder.TEMPLATE_ID -> {
        ListNodesReplyDecoder m = new ListNodesReplyDecoder();
        m.wrapAndApplyHeader(message.buffer(), 0, message.header());
        long sum = m.more();
        for (ListNodesReplyDecoder.NodesDecoder node : m.nodes()) {
          sum += node.nodeId() + node.name().length() + node.host().length();
        }
        yield sum;
      }
      default -> message.correlationId();
    };
  }
}

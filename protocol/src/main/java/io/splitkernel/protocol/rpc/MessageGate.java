package io.splitkernel.protocol.rpc;

import io.splitkernel.protocol.sbe.AllocateExtentsDecoder;
import io.splitkernel.protocol.sbe.AllocateExtentsReplyDecoder;
import io.splitkernel.protocol.sbe.AssignRegionDecoder;
import io.splitkernel.protocol.sbe.AssignRegionReplyDecoder;
import io.splitkernel.protocol.sbe.ChallengeDecoder;
import io.splitkernel.protocol.sbe.CloseSpaceDecoder;
import io.splitkernel.protocol.sbe.DoneDecoder;
import io.splitkernel.protocol.sbe.FileCallDecoder;
import io.splitkernel.protocol.sbe.FileReplyDecoder;
import io.splitkernel.protocol.sbe.FindVolumeDecoder;
import io.splitkernel.protocol.sbe.FindVolumeReplyDecoder;
import io.splitkernel.protocol.sbe.GiveUpVolumeDecoder;
import io.splitkernel.protocol.sbe.GrantRegionDecoder;
import io.splitkernel.protocol.sbe.HeartbeatDecoder;
import io.splitkernel.protocol.sbe.HelloDecoder;
import io.splitkernel.protocol.sbe.KillProgramDecoder;
import io.splitkernel.protocol.sbe.LeaveDecoder;
import io.splitkernel.protocol.sbe.ListNodesDecoder;
import io.splitkernel.protocol.sbe.ListNodesReplyDecoder;
import io.splitkernel.protocol.sbe.ListProgramsDecoder;
import io.splitkernel.protocol.sbe.ListProgramsReplyDecoder;
import io.splitkernel.protocol.sbe.MessageHeaderDecoder;
import io.splitkernel.protocol.sbe.NodeLostDecoder;
import io.splitkernel.protocol.sbe.NodeStatsDecoder;
import io.splitkernel.protocol.sbe.NodeStatsReplyDecoder;
import io.splitkernel.protocol.sbe.OpenFilesDecoder;
import io.splitkernel.protocol.sbe.OpenFilesReplyDecoder;
import io.splitkernel.protocol.sbe.OpenSpaceDecoder;
import io.splitkernel.protocol.sbe.OpenSpaceReplyDecoder;
import io.splitkernel.protocol.sbe.ProgramEndedDecoder;
import io.splitkernel.protocol.sbe.ProgramStartedDecoder;
import io.splitkernel.protocol.sbe.ProofDecoder;
import io.splitkernel.protocol.sbe.RegisterDecoder;
import io.splitkernel.protocol.sbe.RegisterReplyDecoder;
import io.splitkernel.protocol.sbe.ReleaseExtentsDecoder;
import io.splitkernel.protocol.sbe.ReleaseSpaceDecoder;
import io.splitkernel.protocol.sbe.ShutdownClusterDecoder;
import io.splitkernel.protocol.sbe.ShutdownNoticeDecoder;
import io.splitkernel.protocol.sbe.SpaceEndedDecoder;
import io.splitkernel.protocol.sbe.WelcomeDecoder;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.sbe.MessageDecoderFlyweight;

/**
 * The door for untrusted bytes: a message passes when its header is ours, its template is known,
 * and its fields, groups and texts fill exactly the bytes that came. Not thread-safe.
 */
public final class MessageGate {
  private final MessageHeaderDecoder header = new MessageHeaderDecoder();

  /**
   * Checks a message.
   *
   * @param bytes the message from offset 0; the result refers to them.
   * @param lengthBytes of the message, at most that of the array.
   * @return the message.
   * @throws ProtocolViolation when it is not one.
   */
  public Message check(byte[] bytes, int lengthBytes) throws ProtocolViolation {
    int bodyOffset = MessageHeaderDecoder.ENCODED_LENGTH;
    if (lengthBytes < bodyOffset + Long.BYTES) {
      throw new ProtocolViolation("a message of " + lengthBytes + " bytes is too short");
    }
    UnsafeBuffer buffer = new UnsafeBuffer(bytes, 0, lengthBytes);
    header.wrap(buffer, 0);
    if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID
        || header.version() != MessageHeaderDecoder.SCHEMA_VERSION) {
      throw new ProtocolViolation(
          "schema " + header.schemaId() + " version " + header.version() + " is not spoken here");
    }
    int templateId = header.templateId();
    int bodyLength;
    try {
      bodyLength = bodyLength(templateId, buffer, header.blockLength());
    } catch (IndexOutOfBoundsException | IllegalArgumentException | IllegalStateException e) {
      throw new ProtocolViolation("message " + templateId + " is cut or malformed");
    }
    if (bodyLength != lengthBytes - bodyOffset) {
      throw new ProtocolViolation(
          "message "
              + templateId
              + " has "
              + (lengthBytes - bodyOffset)
              + " bytes instead of "
              + bodyLength);
    }
    long correlationId = buffer.getLong(bodyOffset, ByteOrder.LITTLE_ENDIAN);
    boolean notice = templateId >= Message.NOTICE_MIN;
    if (notice ? correlationId != 0 : correlationId <= 0) {
      throw new ProtocolViolation(
          "message " + templateId + " has the correlation id " + correlationId);
    }
    return new Message(templateId, correlationId, buffer);
  }

  private static int bodyLength(int templateId, DirectBuffer buffer, int blockLength)
      throws ProtocolViolation {
    MessageDecoderFlyweight decoder = decoder(templateId);
    if (decoder == null) {
      throw new ProtocolViolation("message " + templateId + " is unknown");
    }
    if (blockLength != decoder.sbeBlockLength()) {
      throw new ProtocolViolation(
          "message " + templateId + " has a block of " + blockLength + " bytes");
    }
    decoder.wrap(
        buffer,
        MessageHeaderDecoder.ENCODED_LENGTH,
        blockLength,
        MessageHeaderDecoder.SCHEMA_VERSION);
    return decodedLength(decoder);
  }

  private static MessageDecoderFlyweight decoder(int templateId) {
    return switch (templateId) {
      case HelloDecoder.TEMPLATE_ID -> new HelloDecoder();
      case ChallengeDecoder.TEMPLATE_ID -> new ChallengeDecoder();
      case ProofDecoder.TEMPLATE_ID -> new ProofDecoder();
      case WelcomeDecoder.TEMPLATE_ID -> new WelcomeDecoder();
      case DoneDecoder.TEMPLATE_ID -> new DoneDecoder();
      case OpenSpaceDecoder.TEMPLATE_ID -> new OpenSpaceDecoder();
      case OpenSpaceReplyDecoder.TEMPLATE_ID -> new OpenSpaceReplyDecoder();
      case AllocateExtentsDecoder.TEMPLATE_ID -> new AllocateExtentsDecoder();
      case AllocateExtentsReplyDecoder.TEMPLATE_ID -> new AllocateExtentsReplyDecoder();
      case ReleaseExtentsDecoder.TEMPLATE_ID -> new ReleaseExtentsDecoder();
      case CloseSpaceDecoder.TEMPLATE_ID -> new CloseSpaceDecoder();
      case RegisterDecoder.TEMPLATE_ID -> new RegisterDecoder();
      case RegisterReplyDecoder.TEMPLATE_ID -> new RegisterReplyDecoder();
      case HeartbeatDecoder.TEMPLATE_ID -> new HeartbeatDecoder();
      case ProgramStartedDecoder.TEMPLATE_ID -> new ProgramStartedDecoder();
      case ProgramEndedDecoder.TEMPLATE_ID -> new ProgramEndedDecoder();
      case AssignRegionDecoder.TEMPLATE_ID -> new AssignRegionDecoder();
      case AssignRegionReplyDecoder.TEMPLATE_ID -> new AssignRegionReplyDecoder();
      case ReleaseSpaceDecoder.TEMPLATE_ID -> new ReleaseSpaceDecoder();
      case ListNodesDecoder.TEMPLATE_ID -> new ListNodesDecoder();
      case ListNodesReplyDecoder.TEMPLATE_ID -> new ListNodesReplyDecoder();
      case ListProgramsDecoder.TEMPLATE_ID -> new ListProgramsDecoder();
      case ListProgramsReplyDecoder.TEMPLATE_ID -> new ListProgramsReplyDecoder();
      case NodeStatsDecoder.TEMPLATE_ID -> new NodeStatsDecoder();
      case NodeStatsReplyDecoder.TEMPLATE_ID -> new NodeStatsReplyDecoder();
      case KillProgramDecoder.TEMPLATE_ID -> new KillProgramDecoder();
      case ShutdownClusterDecoder.TEMPLATE_ID -> new ShutdownClusterDecoder();
      case LeaveDecoder.TEMPLATE_ID -> new LeaveDecoder();
      case FindVolumeDecoder.TEMPLATE_ID -> new FindVolumeDecoder();
      case FindVolumeReplyDecoder.TEMPLATE_ID -> new FindVolumeReplyDecoder();
      case GiveUpVolumeDecoder.TEMPLATE_ID -> new GiveUpVolumeDecoder();
      case GrantRegionDecoder.TEMPLATE_ID -> new GrantRegionDecoder();
      case SpaceEndedDecoder.TEMPLATE_ID -> new SpaceEndedDecoder();
      case NodeLostDecoder.TEMPLATE_ID -> new NodeLostDecoder();
      case ShutdownNoticeDecoder.TEMPLATE_ID -> new ShutdownNoticeDecoder();
      case OpenFilesDecoder.TEMPLATE_ID -> new OpenFilesDecoder();
      case OpenFilesReplyDecoder.TEMPLATE_ID -> new OpenFilesReplyDecoder();
      case FileCallDecoder.TEMPLATE_ID -> new FileCallDecoder();
      case FileReplyDecoder.TEMPLATE_ID -> new FileReplyDecoder();
      default -> null;
    };
  }

  private static int decodedLength(MessageDecoderFlyweight decoder) {
    return switch (decoder) {
      case HelloDecoder m -> m.sbeDecodedLength();
      case ChallengeDecoder m -> m.sbeDecodedLength();
      case ProofDecoder m -> m.sbeDecodedLength();
      case WelcomeDecoder m -> m.sbeDecodedLength();
      case DoneDecoder m -> m.sbeDecodedLength();
      case OpenSpaceDecoder m -> m.sbeDecodedLength();
      case OpenSpaceReplyDecoder m -> m.sbeDecodedLength();
      case AllocateExtentsDecoder m ->
          exact(
              m.sbeDecodedLength(),
              m.wanted().actingBlockLength(),
              AllocateExtentsDecoder.WantedDecoder.sbeBlockLength());
      case AllocateExtentsReplyDecoder m ->
          exact(
              m.sbeDecodedLength(),
              m.granted().actingBlockLength(),
              AllocateExtentsReplyDecoder.GrantedDecoder.sbeBlockLength());
      case ReleaseExtentsDecoder m ->
          exact(
              m.sbeDecodedLength(),
              m.released().actingBlockLength(),
              ReleaseExtentsDecoder.ReleasedDecoder.sbeBlockLength());
      case CloseSpaceDecoder m -> m.sbeDecodedLength();
      case RegisterDecoder m ->
          exact(
              m.sbeDecodedLength(),
              m.counterNames().actingBlockLength(),
              RegisterDecoder.CounterNamesDecoder.sbeBlockLength());
      case RegisterReplyDecoder m -> m.sbeDecodedLength();
      case HeartbeatDecoder m ->
          exact(
              m.sbeDecodedLength(),
              m.counters().actingBlockLength(),
              HeartbeatDecoder.CountersDecoder.sbeBlockLength());
      case ProgramStartedDecoder m -> m.sbeDecodedLength();
      case ProgramEndedDecoder m -> m.sbeDecodedLength();
      case AssignRegionDecoder m -> m.sbeDecodedLength();
      case AssignRegionReplyDecoder m -> m.sbeDecodedLength();
      case ReleaseSpaceDecoder m -> m.sbeDecodedLength();
      case ListNodesDecoder m -> m.sbeDecodedLength();
      case ListNodesReplyDecoder m ->
          exact(
              m.sbeDecodedLength(),
              m.nodes().actingBlockLength(),
              ListNodesReplyDecoder.NodesDecoder.sbeBlockLength());
      case ListProgramsDecoder m -> m.sbeDecodedLength();
      case ListProgramsReplyDecoder m ->
          exact(
              m.sbeDecodedLength(),
              m.programs().actingBlockLength(),
              ListProgramsReplyDecoder.ProgramsDecoder.sbeBlockLength());
      case NodeStatsDecoder m -> m.sbeDecodedLength();
      case NodeStatsReplyDecoder m ->
          exact(
              m.sbeDecodedLength(),
              m.counters().actingBlockLength(),
              NodeStatsReplyDecoder.CountersDecoder.sbeBlockLength());
      case KillProgramDecoder m -> m.sbeDecodedLength();
      case ShutdownClusterDecoder m -> m.sbeDecodedLength();
      case LeaveDecoder m -> m.sbeDecodedLength();
      case FindVolumeDecoder m -> m.sbeDecodedLength();
      case FindVolumeReplyDecoder m -> m.sbeDecodedLength();
      case GiveUpVolumeDecoder m -> m.sbeDecodedLength();
      case GrantRegionDecoder m -> m.sbeDecodedLength();
      case SpaceEndedDecoder m -> m.sbeDecodedLength();
      case NodeLostDecoder m -> m.sbeDecodedLength();
      case ShutdownNoticeDecoder m -> m.sbeDecodedLength();
      case OpenFilesDecoder m -> m.sbeDecodedLength();
      case OpenFilesReplyDecoder m -> m.sbeDecodedLength();
      case FileCallDecoder m -> m.sbeDecodedLength();
      case FileReplyDecoder m -> m.sbeDecodedLength();
      default -> throw new IllegalArgumentException("no length of " + decoder);
    };
  }

  private static int exact(int length, int groupBlock, int expectedGroupBlock) {
    if (groupBlock != expectedGroupBlock) {
      throw new IllegalArgumentException("group entries of " + groupBlock + " bytes");
    }
    return length;
  }
}

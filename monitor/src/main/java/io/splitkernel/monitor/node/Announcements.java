package io.splitkernel.monitor.node;

import io.splitkernel.monitor.membership.Member;
import io.splitkernel.monitor.membership.MemberTable;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.rpc.MessageEncoder;
import io.splitkernel.protocol.rpc.Replies;
import io.splitkernel.protocol.rpc.Roles;
import io.splitkernel.protocol.sbe.NodeLostEncoder;
import io.splitkernel.protocol.sbe.ShutdownNoticeEncoder;
import io.splitkernel.protocol.sbe.SpaceEndedEncoder;
import java.util.List;

/**
 * Tells members what has happened. A member that takes no notices is cut off, so that nobody works
 * on with old news.
 */
final class Announcements {
  private final MemberTable members;

  Announcements(MemberTable members) {
    this.members = members;
  }

  void nodeLost(Member gone, String reason) {
    tell(
        members.all(),
        (buffer, header, id) -> {
          NodeLostEncoder notice = new NodeLostEncoder().wrapAndApplyHeader(buffer, 0, header);
          notice.correlationId(id).nodeId(gone.nodeId());
          notice.role(Roles.toWire(gone.description().role())).reason(Replies.cut(reason));
          return notice.encodedLength();
        });
  }

  void spaceEnded(long spaceId) {
    tell(
        members.of(NodeRole.MEMORY),
        (buffer, header, id) ->
            new SpaceEndedEncoder()
                .wrapAndApplyHeader(buffer, 0, header)
                .correlationId(id)
                .spaceId(spaceId)
                .encodedLength());
  }

  void shutdown() {
    tell(
        members.all(),
        (buffer, header, id) ->
            new ShutdownNoticeEncoder()
                .wrapAndApplyHeader(buffer, 0, header)
                .correlationId(id)
                .encodedLength());
  }

  private static void tell(List<Member> whom, MessageEncoder notice) {
    for (Member member : whom) {
      if (!member.connection().tell(notice)) {
        Thread.startVirtualThread(member.connection()::close);
      }
    }
  }
}

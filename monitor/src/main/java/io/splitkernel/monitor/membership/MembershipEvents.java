package io.splitkernel.monitor.membership;

/** What the rest of the monitor does about members. */
public interface MembershipEvents {
  /**
   * A member is gone; the table does not hold it any more.
   *
   * @param member which one.
   * @param left true when it left as it should.
   * @param reason one line.
   */
  void onGone(Member member, boolean left, String reason);
}

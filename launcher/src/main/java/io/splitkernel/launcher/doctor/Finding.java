package io.splitkernel.launcher.doctor;

/**
 * One answer of the doctor.
 *
 * @param subject what was looked at.
 * @param verdict how it stands.
 * @param detail what was found.
 * @param cure what would change it; empty when nothing needs to.
 */
public record Finding(String subject, Verdict verdict, String detail, String cure) {
  /** How a finding stands. */
  public enum Verdict {
    /** There and good. */
    YES,
    /** Missing, and something is slower or absent without it. */
    LIMITED,
    /** Missing, and {@code lego run} cannot work without it. */
    NO
  }

  static Finding yes(String subject, String detail) {
    return new Finding(subject, Verdict.YES, detail, "");
  }

  static Finding limited(String subject, String detail, String cure) {
    return new Finding(subject, Verdict.LIMITED, detail, cure);
  }

  static Finding no(String subject, String detail, String cure) {
    return new Finding(subject, Verdict.NO, detail, cure);
  }
}

package io.splitkernel.pcomponent.process;

/** The advices of madvise(2) that matter here. */
final class Advice {
  static final int NORMAL = 0;
  static final int DONTNEED = 4;
  static final int FREE = 8;
  static final int DONTFORK = 10;
  static final int DOFORK = 11;
  static final int MERGEABLE = 12;
  static final int DONTDUMP = 16;
  static final int DODUMP = 17;
  static final int WIPEONFORK = 18;
  static final int KEEPONFORK = 19;
  static final int DONTNEED_LOCKED = 24;
  static final int COLLAPSE = 25;
  static final int GUARD_INSTALL = 102;
  static final int GUARD_REMOVE = 103;

  private Advice() {}
}

package io.splitkernel.launcher.files;

import io.splitkernel.ffi.Syscall;

/**
 * To whom copies belong: to the user who copies, as with cp(1); root keeps the owner.
 *
 * @param uid user.
 * @param gid group.
 */
record Owner(int uid, int gid) {
  private static final long SYS_GETEUID = 107;
  private static final long SYS_GETEGID = 108;

  /** Of files that this process makes. */
  static Owner self() {
    return new Owner(
        (int) Syscall.call(SYS_GETEUID, 0, 0, 0), (int) Syscall.call(SYS_GETEGID, 0, 0, 0));
  }

  /** Of a copy that this process makes of a file in a volume. */
  Owner ofCopy(int fileUid, int fileGid) {
    return uid == 0 ? new Owner(fileUid, fileGid) : this;
  }
}

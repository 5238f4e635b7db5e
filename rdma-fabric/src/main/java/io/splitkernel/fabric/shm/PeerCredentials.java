package io.splitkernel.fabric.shm;

import io.splitkernel.ffi.Syscall;
import io.splitkernel.ffi.UnixSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whom this process exchanges descriptors with, and whether they are what they should be. */
final class PeerCredentials {
  private static final long SYS_GETEUID = 107;
  private static final String EVENT = "anon_inode:[eventfd]";

  private PeerCredentials() {}

  /** The same user, or root. */
  static boolean isTrusted(UnixSocket.Peer peer) {
    return peer.uid() == 0 || peer.uid() == (int) Syscall.call(SYS_GETEUID, 0, 0, 0);
  }

  /** Whether each descriptor is an eventfd: a write to it must not do anything else. */
  static boolean areEvents(int... descriptors) {
    try {
      for (int fd : descriptors) {
        if (!Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString().equals(EVENT)) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}

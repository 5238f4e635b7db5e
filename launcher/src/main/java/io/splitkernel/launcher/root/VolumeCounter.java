package io.splitkernel.launcher.root;

/** What is counted of a run's use of its volume. */
enum VolumeCounter {
  /** Operations that the volume was asked for, by the kernel or at the end. */
  VOLUME_REQUESTS,
  /** Bytes read from it. */
  VOLUME_READ_BYTES,
  /** Bytes written to it. */
  VOLUME_WRITTEN_BYTES,
  /** Files and directories synced, by the program or at the end. */
  VOLUME_SYNCS
}

package io.splitkernel.launcher.bench;

import io.splitkernel.fabric.WorkRequest;
import java.util.Locale;

/** What is measured. */
public enum BenchOperation {
  /** RDMA READ, one at a time. */
  READ_LAT,
  /** RDMA WRITE, one at a time, from post to completion. */
  WRITE_LAT,
  /** Compare-and-swap of 8 bytes, one at a time. */
  ATOMIC_LAT,
  /** RDMA READ, several outstanding. */
  READ_BW,
  /** RDMA WRITE, several outstanding. */
  WRITE_BW;

  /** As users write it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Several operations at once. */
  public boolean isBandwidth() {
    return this == READ_BW || this == WRITE_BW;
  }

  /** Prepares a request on remote and local bytes. */
  WorkRequest prepare(WorkRequest request, BenchClient.Target target, int sizeBytes) {
    WorkRequest prepared =
        switch (this) {
          case READ_LAT, READ_BW -> request.read(1, target.remoteAddress(), target.rkey());
          case WRITE_LAT, WRITE_BW -> request.write(1, target.remoteAddress(), target.rkey());
          case ATOMIC_LAT -> request.compareAndSwap(1, target.remoteAddress(), target.rkey(), 0, 1);
        };
    return prepared.local(target.lkey(), target.localAddress(), sizeBytes);
  }
}

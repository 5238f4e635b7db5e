package io.splitkernel.ci.files;

import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeUse;

/** A store's door that tells another start of the machine. */
final class BootedUse extends VolumeUse {
  private final VolumeUse to;
  private final long boot;

  BootedUse(VolumeUse to, long boot) {
    super(to.epoch());
    this.to = to;
    this.boot = boot;
  }

  @Override
  protected int take(long next) {
    long stamp = to.enter(next);
    if (stamp < 0) {
      return (int) stamp;
    }
    to.leave(stamp);
    return 0;
  }

  @Override
  public Volume volume() {
    return to.volume();
  }

  @Override
  public long verifier() {
    return boot;
  }
}

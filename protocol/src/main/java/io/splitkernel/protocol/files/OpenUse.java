package io.splitkernel.protocol.files;

/** A door that is always open: made anew for each operation, so it never has seen an epoch. */
final class OpenUse extends VolumeUse {
  private final Volume volume;
  private final long verifier;

  OpenUse(Volume volume, long verifier) {
    super(0);
    this.volume = volume;
    this.verifier = verifier;
  }

  @Override
  protected int take(long next) {
    return 0;
  }

  @Override
  public Volume volume() {
    return volume;
  }

  @Override
  public long verifier() {
    return verifier;
  }
}

package io.splitkernel.scomponent.store;

import java.lang.foreign.MemorySegment;

/**
 * A backing file whose process is killed at a chosen change: none, a part in whole pages, or all of
 * that change is made, and nothing after it.
 */
final class DyingFile implements BackingFile {
  private static final int PAGE = CheckedLayout.BLOCK;

  private final BackingFile under;
  private final int part;
  private int left;

  /** The end of the process. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /**
   * Dies.
   *
   * @param under keeps what was written.
   * @param changes that are made before.
   * @param part pages of the fatal change that are made when it is a write.
   */
  DyingFile(BackingFile under, int changes, int part) {
    this.under = under;
    this.left = changes;
    this.part = part;
  }

  /** Whether this change is the fatal one. */
  private boolean fatal() {
    if (left < 0) {
      throw new Killed();
    }
    return left-- == 0;
  }

  @Override
  public int read(long offset, MemorySegment into) {
    return under.read(offset, into);
  }

  @Override
  public int write(long offset, MemorySegment from) {
    if (!fatal()) {
      return under.write(offset, from);
    }
    long pagesEnd = (offset / PAGE + part) * PAGE;
    long length = Math.clamp(pagesEnd - offset, 0, from.byteSize());
    if (length > 0) {
      under.write(offset, from.asSlice(0, length));
    }
    throw new Killed();
  }

  @Override
  public long size() {
    return under.size();
  }

  @Override
  public int setSize(long sizeBytes) {
    if (fatal()) {
      throw new Killed();
    }
    return under.setSize(sizeBytes);
  }

  @Override
  public int allocate(int flags, long offset, long lengthBytes) {
    if (fatal()) {
      throw new Killed();
    }
    return under.allocate(flags, offset, lengthBytes);
  }

  @Override
  public int sync(boolean dataOnly) {
    return under.sync(dataOnly);
  }

  @Override
  public int writeOut() {
    return under.writeOut();
  }

  @Override
  public void close() {
    under.close();
  }
}

package io.splitkernel.fabric;

/**
 * The keys of a {@link SplitRegion} on one connection. Immutable, any thread, no allocation: data
 * path.
 */
public final class LocalKeys {
  private final int[] keys;
  private final long iova;
  private final int pieceShift;

  LocalKeys(int[] keys, long iova, int pieceShift) {
    this.keys = keys;
    this.iova = iova;
    this.pieceShift = pieceShift;
  }

  /**
   * Adds a range to a request's scatter list: one entry, or two where it lies across two pieces.
   *
   * @param request to add to.
   * @param address in the region.
   * @param lengthBytes in 0..{@link SplitRegion#PIECE_BYTES_MIN}; the range lies inside the region.
   */
  public void addTo(WorkRequest request, long address, int lengthBytes) {
    long offset = address - iova;
    int first = (int) (offset >>> pieceShift);
    int last = (int) ((offset + Math.max(lengthBytes, 1) - 1) >>> pieceShift);
    if (first == last) {
      request.local(keys[first], address, lengthBytes);
      return;
    }
    int head = (int) (((long) last << pieceShift) - offset);
    request.local(keys[first], address, head);
    request.local(keys[last], address + head, lengthBytes - head);
  }
}

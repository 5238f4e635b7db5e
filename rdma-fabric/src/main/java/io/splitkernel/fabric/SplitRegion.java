package io.splitkernel.fabric;

import java.util.ArrayList;
import java.util.List;

/**
 * A range of memory as the target or source of its owner's own work requests, registered as one
 * region, or as equal pieces where the device takes none of that length. For ranges that no peer
 * addresses. Control path; {@link LocalKeys} is what the data path needs of it.
 */
public final class SplitRegion implements AutoCloseable {
  /** A provider that refuses pieces as small as this one refuses the range. */
  public static final long PIECE_BYTES_MIN = 2 << 20;

  private static final int WHOLE = Long.SIZE - 1;

  private final List<MemoryRegion> pieces;
  private final int pieceShift;

  private SplitRegion(List<MemoryRegion> pieces, int pieceShift) {
    this.pieces = pieces;
    this.pieceShift = pieceShift;
  }

  /**
   * Registers a range whose IO virtual address is that of its memory.
   *
   * @param domain of the memory's fabric.
   * @param memory all of which is registered.
   * @param access bits of {@link Access}.
   * @param pieceBytesMax the provider's {@link FabricLimits#regionBytesMax}.
   * @return the region, the caller's to close.
   * @throws FabricException as for the whole range, when no split helps.
   */
  public static SplitRegion register(
      ProtectionDomain domain, FabricMemory memory, int access, long pieceBytesMax)
      throws FabricException {
    long lengthBytes = memory.lengthBytes();
    FabricException refusal = null;
    if (lengthBytes <= pieceBytesMax) {
      try {
        return new SplitRegion(pieces(domain, memory, access, lengthBytes), WHOLE);
      } catch (FabricException e) {
        refusal = e;
      }
    }
    long most = Math.min(pieceBytesMax, lengthBytes - 1);
    for (long piece = Long.highestOneBit(most); piece >= PIECE_BYTES_MIN; piece /= 2) {
      try {
        return new SplitRegion(
            pieces(domain, memory, access, piece), Long.numberOfTrailingZeros(piece));
      } catch (FabricException e) {
        refusal = refusal == null ? e : refusal;
      }
    }
    throw refusal != null
        ? refusal
        : new FabricException(
            "register: regions of the device are at most " + pieceBytesMax + " bytes; too short");
  }

  private static List<MemoryRegion> pieces(
      ProtectionDomain domain, FabricMemory memory, int access, long pieceBytes)
      throws FabricException {
    List<MemoryRegion> pieces = new ArrayList<>();
    long address = memory.segment().address();
    try {
      for (long at = 0; at < memory.lengthBytes(); at += pieceBytes) {
        long length = Math.min(pieceBytes, memory.lengthBytes() - at);
        pieces.add(domain.register(memory, at, length, address + at, access));
      }
      return pieces;
    } catch (FabricException e) {
      pieces.forEach(MemoryRegion::close);
      throw e;
    }
  }

  /** Regions that the range is made of. */
  public int pieceCount() {
    return pieces.size();
  }

  /**
   * Keys for the work requests of one connection.
   *
   * @param connection of the same fabric.
   * @return the keys.
   * @throws FabricException when the connection's provider cannot register the range.
   */
  public LocalKeys keysOn(Connection connection) throws FabricException {
    int[] keys = new int[pieces.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = pieces.get(i).lkeyOn(connection);
    }
    return new LocalKeys(keys, pieces.getFirst().iova(), pieceShift);
  }

  @Override
  public void close() {
    pieces.forEach(MemoryRegion::close);
  }
}

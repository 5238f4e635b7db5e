package io.splitkernel.fabric.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.SplitRegion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a range is split for devices that take less than they say. */
@Timeout(120)
class SplitRegionTest {
  private static final long MIB = 1 << 20;

  private SimFabric fabric;
  private ProtectionDomain domain;
  private FabricMemory memory;
  private int open;

  @BeforeEach
  void allocate() throws FabricException {
    fabric = SimNetwork.immediate().open("split");
    domain = fabric.allocateProtectionDomain();
    memory = fabric.allocateMemory(16 * MIB, "split");
  }

  @AfterEach
  void close() {
    fabric.close();
  }

  /** Refuses what is longer, and everything once it holds a number of regions. */
  private ProtectionDomain picky(long lengthMax, int regionsMax) {
    return new ProtectionDomain() {
      @Override
      public MemoryRegion register(
          FabricMemory from, long offset, long lengthBytes, long iova, int access)
          throws FabricException {
        if (lengthBytes > lengthMax || open == regionsMax) {
          throw new FabricException("refused " + lengthBytes);
        }
        open++;
        return new Counted(domain.register(from, offset, lengthBytes, iova, access));
      }

      @Override
      public void close() {
        domain.close();
      }
    };
  }

  /** Says when it is closed. */
  private final class Counted implements MemoryRegion {
    private final MemoryRegion region;

    Counted(MemoryRegion region) {
      this.region = region;
    }

    @Override
    public int lkey() {
      return region.lkey();
    }

    @Override
    public int rkey() {
      return region.rkey();
    }

    @Override
    public long iova() {
      return region.iova();
    }

    @Override
    public long lengthBytes() {
      return region.lengthBytes();
    }

    @Override
    public void close() {
      open--;
      region.close();
    }
  }

  private SplitRegion split(long lengthMax, int regionsMax, long limit) throws FabricException {
    return SplitRegion.register(picky(lengthMax, regionsMax), memory, Access.LOCAL_WRITE, limit);
  }

  @Test
  void shouldBeOneRegionWhenTheDeviceTakesIt() throws FabricException {
    assertEquals(1, split(16 * MIB, 100, Long.MAX_VALUE).pieceCount());
    assertEquals(1, split(16 * MIB, 100, 16 * MIB).pieceCount());
  }

  @Test
  void shouldHalveUntilTheDeviceTakesThePieces() throws FabricException {
    assertEquals(4, split(4 * MIB, 100, Long.MAX_VALUE).pieceCount());
    open = 0;
    assertEquals(4, split(7 * MIB, 100, 8 * MIB).pieceCount());
  }

  @Test
  void shouldGiveEverythingBackAndTellTheFirstReasonWhenNoSplitHelps() {
    FabricException refused =
        assertThrows(FabricException.class, () -> split(Long.MAX_VALUE, 0, Long.MAX_VALUE));
    assertEquals("refused " + 16 * MIB, refused.getMessage());
    assertThrows(FabricException.class, () -> split(4 * MIB, 3, Long.MAX_VALUE));
    assertEquals(0, open);
    assertTrue(
        assertThrows(FabricException.class, () -> split(MIB, 100, MIB))
            .getMessage()
            .contains("at most " + MIB));
  }

  @Test
  void shouldCloseAllPieces() throws FabricException {
    SplitRegion region = split(2 * MIB, 100, Long.MAX_VALUE);
    assertEquals(8, open);
    region.close();
    assertEquals(0, open);
  }
}

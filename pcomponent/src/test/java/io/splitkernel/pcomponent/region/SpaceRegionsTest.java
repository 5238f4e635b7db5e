package io.splitkernel.pcomponent.region;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class SpaceRegionsTest {
  private static final long EXTENT = 2 << 20;

  @Test
  void shouldFindTheExtentOfEachOfItsAddressesWithoutAskingAgain() {
    SpaceRegions regions = new SpaceRegions(7);
    RegionNews.Granted extent =
        new RegionNews.Granted(7, 70, 4 * EXTENT, EXTENT, 700, /* link */ null);

    regions.hasExtent(extent);

    assertSame(extent, regions.extentOf(4 * EXTENT));
    assertSame(extent, regions.extentOf(5 * EXTENT - 1));
    assertNull(regions.extentOf(5 * EXTENT));
    assertNull(regions.extentOf(4 * EXTENT - 1));
  }
}

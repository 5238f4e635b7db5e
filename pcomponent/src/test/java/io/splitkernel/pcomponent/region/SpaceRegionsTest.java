package io.splitkernel.pcomponent.region;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpaceRegionsTest {
  private static final long EXTENT = 2 << 20;

  @Test
  void shouldFindTheExtentOfEachOfItsAddressesWithoutAskingAgain() {
    SpaceRegions regions = new SpaceRegions(7);
    RegionNews.Granted extent =
        new RegionNews.Granted(7, 70, 4 * EXTENT, EXTENT, 700, /* link */ null);

    regions.hasExtent(extent);

    assertThat(regions.extentOf(4 * EXTENT)).isSameAs(extent);
    assertThat(regions.extentOf(5 * EXTENT - 1)).isSameAs(extent);
    assertThat(regions.extentOf(5 * EXTENT)).isNull();
    assertThat(regions.extentOf(4 * EXTENT - 1)).isNull();
  }
}

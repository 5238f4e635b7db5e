package io.splitkernel.mcomponent.space;

/**
 * Limits of address spaces.
 *
 * @param vRegion length of a vRegion.
 * @param spacesMax open at once.
 * @param dataConnectionsMax of one space.
 */
public record SpaceLimits(VRegionLength vRegion, int spacesMax, int dataConnectionsMax) {}

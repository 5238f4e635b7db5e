package io.splitkernel.monitor.node;

import io.splitkernel.monitor.coordination.Coordination;
import io.splitkernel.monitor.membership.MemberTable;
import io.splitkernel.monitor.placement.RegionPlacement;
import io.splitkernel.monitor.placement.VolumeOwners;
import io.splitkernel.monitor.process.ProgramTable;

/** The rooms that requests are about. */
record ClusterState(
    Coordination coordination,
    MemberTable members,
    RegionPlacement placement,
    VolumeOwners volumes,
    ProgramTable programs,
    Announcements announcements) {}

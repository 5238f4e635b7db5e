package io.splitkernel.mcomponent.node;

import io.splitkernel.mcomponent.space.RegionGrants;
import io.splitkernel.mcomponent.space.SpaceTable;
import io.splitkernel.mcomponent.space.VRegionLength;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.cluster.LostNode;
import io.splitkernel.protocol.cluster.MonitorListener;
import java.util.concurrent.CompletableFuture;

/** What a memory component does with the monitor's news. */
final class MonitorNews implements MonitorListener {
  private final SpaceTable spaces;
  private final RegionGrants grants;
  private final VRegionLength vRegion;
  private final FileService files;
  private final CompletableFuture<String> ended;

  MonitorNews(
      SpaceTable spaces,
      RegionGrants grants,
      VRegionLength vRegion,
      FileService files,
      CompletableFuture<String> ended) {
    this.files = files;
    this.vRegion = vRegion;
    this.spaces = spaces;
    this.grants = grants;
    this.ended = ended;
  }

  @Override
  public boolean onRegionGranted(long spaceId, long regionIndex, long vRegionBytes) {
    vRegion.set(vRegionBytes);
    return grants.grant(spaceId, regionIndex);
  }

  @Override
  public void onSpaceEnded(long spaceId) {
    grants.revoke(spaceId);
  }

  @Override
  public void onNodeLost(LostNode node) {
    if (node.role() == NodeRole.PROCESSOR) {
      spaces.closeAllOfNode(node.nodeId(), node.reason());
      grants.revokeNode(node.nodeId());
    }
  }

  @Override
  public void onMonitorLost(String reason) {
    files.stop();
    ended.complete("the monitor is lost: " + reason);
  }

  @Override
  public void onShutdown() {
    ended.complete("the cluster is being taken down");
  }
}

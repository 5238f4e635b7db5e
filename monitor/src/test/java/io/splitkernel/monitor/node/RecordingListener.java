package io.splitkernel.monitor.node;

import io.splitkernel.protocol.cluster.LostNode;
import io.splitkernel.protocol.cluster.MonitorListener;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A member that remembers what it was told. */
final class RecordingListener implements MonitorListener {
  final List<LostNode> lost = new CopyOnWriteArrayList<>();
  final List<String> monitorLost = new CopyOnWriteArrayList<>();
  final List<Long> endedSpaces = new CopyOnWriteArrayList<>();
  final List<Long> killed = new CopyOnWriteArrayList<>();
  final Set<Long> granted = ConcurrentHashMap.newKeySet();
  volatile boolean shutdown;
  volatile boolean takesRegions = true;

  @Override
  public void onNodeLost(LostNode node) {
    lost.add(node);
  }

  @Override
  public void onMonitorLost(String reason) {
    monitorLost.add(reason);
  }

  @Override
  public void onShutdown() {
    shutdown = true;
  }

  @Override
  public boolean onKill(long globalPid, int signal) {
    return killed.add(globalPid);
  }

  @Override
  public boolean onRegionGranted(long spaceId, long regionIndex, long vRegionBytes) {
    if (takesRegions) {
      granted.add(regionIndex);
    }
    return takesRegions;
  }

  @Override
  public void onSpaceEnded(long spaceId) {
    endedSpaces.add(spaceId);
  }
}

package io.splitkernel.launcher.bench;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;

/** What each side of a measurement has: memory, its region, and a queue. Control path. */
final class BenchEnd {
  static final long TIMEOUT_NS = 10_000_000_000L;
  static final int INTRODUCTION_BYTES = 24;
  static final int DEPTH_MAX = 256;
  private static final int RECEIVES = 1;

  final CompletionQueue queue;
  final FabricMemory memory;
  final MemoryRegion region;
  final ConnectionConfig config;

  /**
   * @param depth operations that may be outstanding; a queue that is no longer than needed touches
   *     fewer pages.
   */
  BenchEnd(Fabric fabric, long memoryBytes, int depth) throws FabricException {
    ProtectionDomain domain = fabric.allocateProtectionDomain();
    queue = fabric.createCompletionQueue(depth + RECEIVES);
    memory = fabric.allocateMemory(memoryBytes, "lego-bench");
    long address = memory.segment().address();
    region = domain.register(memory, 0, memory.lengthBytes(), address, Access.ALL);
    config =
        new ConnectionConfig(domain, queue, queue, depth, RECEIVES, Access.ALL, TIMEOUT_NS / 5);
  }
}

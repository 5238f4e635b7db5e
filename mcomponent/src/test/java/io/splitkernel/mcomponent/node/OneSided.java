package io.splitkernel.mcomponent.node;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.protocol.memory.MemoryClient;
import java.lang.foreign.ValueLayout;

/** One data connection with a page of local memory, for tests: one operation at a time. */
final class OneSided implements AutoCloseable {
  static final long TIMEOUT_NS = 30_000_000_000L;
  private static final int PAGE = 4096;

  private final ProtectionDomain domain;
  private final CompletionQueue queue;
  private final FabricMemory memory;
  private final MemoryRegion region;
  private final Connection connection;
  private final WorkRequest request = new WorkRequest();
  private final CompletionBatch batch = new CompletionBatch(4);

  OneSided(Fabric fabric, MemoryClient client, long spaceId) throws FabricException {
    domain = fabric.allocateProtectionDomain();
    queue = fabric.createCompletionQueue(8);
    memory = fabric.allocateMemory(PAGE, "test");
    region = domain.register(memory, 0, PAGE, memory.segment().address(), Access.LOCAL_WRITE);
    connection =
        client.openData(
            spaceId, new ConnectionConfig(domain, queue, queue, 4, 4, 0, TIMEOUT_NS), TIMEOUT_NS);
  }

  CompletionStatus write(long address, int rkey, long value) {
    memory.segment().set(ValueLayout.JAVA_LONG, 0, value);
    return run(request.write(1, address, rkey).local(region.lkey(), region.iova(), Long.BYTES));
  }

  CompletionStatus read(long address, int rkey) {
    memory.segment().set(ValueLayout.JAVA_LONG, 0, -1);
    return run(request.read(2, address, rkey).local(region.lkey(), region.iova(), Long.BYTES));
  }

  /** What the last {@link #read} brought. */
  long value() {
    return memory.segment().get(ValueLayout.JAVA_LONG, 0);
  }

  private CompletionStatus run(WorkRequest work) {
    int posted = connection.post(work);
    if (posted != Connection.POSTED) {
      throw new IllegalStateException("post: " + posted);
    }
    if (queue.poll(batch) == 0 && (!queue.await(TIMEOUT_NS) || queue.poll(batch) == 0)) {
      throw new IllegalStateException("no completion");
    }
    return batch.status(0);
  }

  Connection connection() {
    return connection;
  }

  @Override
  public void close() {
    connection.close();
    region.close();
    queue.close();
    domain.close();
    memory.close();
  }
}

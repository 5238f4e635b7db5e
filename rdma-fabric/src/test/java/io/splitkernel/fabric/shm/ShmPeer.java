package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionBatch;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.CompletionStatus;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.Listener;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.WorkRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The other process of the multi-process tests. */
final class ShmPeer {
  static final long MEMORY_BYTES = 8L << 20;
  static final long IOVA = 0x4000_0000L;
  private static final long TIMEOUT_NS = 30_000_000_000L;
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private final ShmFabric fabric = ShmFabric.open(ShmConfig.defaults());
  private final ProtectionDomain domain = fabric.allocateProtectionDomain();
  private final CompletionQueue queue = fabric.createCompletionQueue(1024);
  private final FabricMemory memory = fabric.allocateMemory(MEMORY_BYTES, "peer");
  private final MemoryRegion region = domain.register(memory, 0, MEMORY_BYTES, IOVA, Access.ALL);
  private final ConnectionConfig config =
      new ConnectionConfig(domain, queue, queue, 64, 64, Access.ALL, TIMEOUT_NS);

  private ShmPeer() throws Exception {}

  /** Runs one role: {@code serve}, {@code add PORT KEY TIMES} or {@code read PORT KEY LENGTH}. */
  public static void main(String[] args) throws Exception {
    Thread.ofPlatform().daemon().start(ShmPeer::endWithParent);
    ShmPeer peer = new ShmPeer();
    switch (args[0]) {
      case "serve" -> peer.serve();
      case "add" -> peer.add(connect(peer, args), Integer.parseInt(args[2]), args[3]);
      case "read" -> peer.read(connect(peer, args), Integer.parseInt(args[2]), args[3]);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  /** The parent holds the other end of standard input. */
  private static void endWithParent() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      OUT.println(e.getMessage());
    }
    Runtime.getRuntime().halt(0);
  }

  private static Connection connect(ShmPeer peer, String[] args) throws Exception {
    FabricAddress address = new FabricAddress("localhost", Integer.parseInt(args[1]));
    return peer.fabric.connect(address, peer.config, new byte[0], TIMEOUT_NS);
  }

  /** Echoes the first 8 bytes of its memory as a message for every message that comes. */
  private void serve() throws Exception {
    try (Listener listener = fabric.listen(new FabricAddress("localhost", 0))) {
      memory.segment().set(ValueLayout.JAVA_LONG, 4096, ProcessHandle.current().pid());
      OUT.println(listener.address().port() + " " + region.rkey());
      CompletionBatch batch = new CompletionBatch(16);
      Connection connection = null;
      while (true) {
        ConnectionRequest incoming = listener.accept(1_000_000L);
        if (incoming != null) {
          connection = incoming.accept(config);
          connection.postReceive(1, region.lkey(), IOVA + 8192, 4096);
        }
        queue.await(1_000_000L);
        answer(connection, batch);
      }
    }
  }

  private void answer(Connection connection, CompletionBatch batch) {
    WorkRequest reply = new WorkRequest();
    for (int i = 0; i < queue.poll(batch); i++) {
      if (batch.wrId(i) == 1 && batch.status(i) == CompletionStatus.SUCCESS) {
        connection.postReceive(1, region.lkey(), IOVA + 8192, 4096);
        connection.post(reply.send(2).local(region.lkey(), IOVA + 8192, batch.lengthBytes(i)));
      }
    }
  }

  private void add(Connection connection, int key, String times) {
    WorkRequest add = new WorkRequest();
    for (int i = Integer.parseInt(times); i > 0; i--) {
      run(connection, add.fetchAndAdd(1, IOVA, key, 1).local(region.lkey(), IOVA, 8));
    }
    OUT.println("done");
  }

  private void read(Connection connection, int key, String length) {
    WorkRequest read = new WorkRequest();
    int bytes = Integer.parseInt(length);
    run(connection, read.read(1, IOVA, key).local(region.lkey(), IOVA, bytes));
    OUT.println("reading");
    while (connection.state() == Connection.State.CONNECTED) {
      run(connection, read.read(1, IOVA, key).local(region.lkey(), IOVA, bytes));
    }
    OUT.println(connection.errorReason());
  }

  private void run(Connection connection, WorkRequest request) {
    CompletionBatch batch = new CompletionBatch(1);
    connection.post(request);
    while (queue.poll(batch) == 0) {
      queue.await(1_000_000_000L);
    }
  }
}

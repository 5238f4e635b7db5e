package io.splitkernel.fabric;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Two ends of one connection, each with its own fabric, domain, queue and memory. */
public final class FabricPair implements AutoCloseable {
  /** How long anything in a test may take. */
  public static final long TIMEOUT_NS = 30_000_000_000L;

  private static final FabricAddress ANYWHERE = new FabricAddress("localhost", 0);

  /** One end and what it needs. */
  public static final class End implements AutoCloseable {
    public final Fabric fabric;
    public final ProtectionDomain domain;
    public final CompletionQueue queue;
    public final FabricMemory memory;
    public final MemoryRegion region;
    public final CompletionBatch batch = new CompletionBatch(64);
    public Connection connection;

    End(Fabric fabric, long memoryBytes, long iova) throws FabricException {
      this.fabric = fabric;
      this.domain = fabric.allocateProtectionDomain();
      this.queue = fabric.createCompletionQueue(4096);
      this.memory = fabric.allocateMemory(memoryBytes, "test");
      this.region = domain.register(memory, 0, memory.lengthBytes(), iova, Access.ALL);
    }

    /** Waits for {@code count} completions; what came, in order. */
    public Completion[] await(int count) {
      Completion[] got = new Completion[count];
      int n = 0;
      long deadline = System.nanoTime() + TIMEOUT_NS;
      CompletionBatch one = new CompletionBatch(1);
      while (n < count) {
        if (queue.poll(one) == 1) {
          got[n++] = Completion.of(one, 0);
        } else if (System.nanoTime() - deadline > 0) {
          throw new AssertionError(
              "only " + n + " of " + count + " completions: " + Arrays.toString(got));
        } else {
          queue.await(100_000_000L);
        }
      }
      return got;
    }

    /** Waits for the next completion. */
    public Completion awaitOne() {
      return await(1)[0];
    }

    @Override
    public void close() {
      fabric.close();
    }
  }

  /** A completion as a value. */
  public record Completion(
      long wrId,
      CompletionStatus status,
      Opcode opcode,
      int length,
      int immediate,
      int connection) {
    static Completion of(CompletionBatch batch, int i) {
      return new Completion(
          batch.wrId(i),
          batch.status(i),
          batch.opcode(i),
          batch.lengthBytes(i),
          batch.immediate(i),
          batch.connectionNumber(i));
    }
  }

  /** Depths, rights and times of a pair. */
  public record Options(int sendDepth, int receiveDepth, int remoteAccess, long retryTimeoutNs) {
    public static Options defaults() {
      return new Options(64, 64, Access.ALL, TIMEOUT_NS);
    }

    public Options retryTimeoutNs(long value) {
      return new Options(sendDepth, receiveDepth, remoteAccess, value);
    }

    public Options remoteAccess(int value) {
      return new Options(sendDepth, receiveDepth, value, retryTimeoutNs);
    }

    public Options depths(int send, int receive) {
      return new Options(send, receive, remoteAccess, retryTimeoutNs);
    }

    public ConnectionConfig config(End end) {
      return config(end.domain, end.queue);
    }

    public ConnectionConfig config(ProtectionDomain domain, CompletionQueue queue) {
      return new ConnectionConfig(
          domain, queue, queue, sendDepth, receiveDepth, remoteAccess, retryTimeoutNs);
    }
  }

  public final End client;
  public final End server;

  public FabricPair(Fabric clientFabric, Fabric serverFabric, long memoryBytes, Options options)
      throws Exception {
    client = new End(clientFabric, memoryBytes, 0x10000);
    server = new End(serverFabric, memoryBytes, 0x7f00_0000_0000L);
    Connection[] both = connect(client, server, options);
    client.connection = both[0];
    server.connection = both[1];
  }

  /** Another connection between the two ends. */
  public static Connection[] connect(End client, End server, Options options) throws Exception {
    return connect(client.domain, client.queue, client.fabric, server, options);
  }

  /** Runs a task in a thread of its own; the common pool may be full of tasks that wait for it. */
  public static void start(Runnable task) {
    Thread.ofPlatform().daemon().start(task);
  }

  /** A connection from another domain or queue. */
  public static Connection[] connect(
      ProtectionDomain domain, CompletionQueue queue, Fabric fabric, End server, Options options)
      throws Exception {
    try (Listener listener = server.fabric.listen(ANYWHERE)) {
      CompletableFuture<Connection> accepted =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return listener.accept(TIMEOUT_NS).accept(options.config(server));
                } catch (FabricException e) {
                  throw new AssertionError(e);
                }
              },
              FabricPair::start);
      Connection connected =
          fabric.connect(
              listener.address(), options.config(domain, queue), new byte[0], TIMEOUT_NS);
      return new Connection[] {connected, accepted.get(30, TimeUnit.SECONDS)};
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}

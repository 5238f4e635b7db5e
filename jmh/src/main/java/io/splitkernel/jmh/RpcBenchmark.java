package io.splitkernel.jmh;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.MessageHandler;
import io.splitkernel.protocol.rpc.Replies;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.rpc.RpcEvents;
import io.splitkernel.protocol.rpc.RpcServer;
import io.splitkernel.protocol.rpc.RpcSettings;
import io.splitkernel.protocol.sbe.CloseSpaceEncoder;
import io.splitkernel.protocol.sbe.DoneDecoder;
import io.splitkernel.protocol.sbe.Outcome;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Round trip of the smallest call on a joined connection of the shm fabric. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class RpcBenchmark {
  private static final long TIMEOUT_NS = 10_000_000_000L;

  private Fabric serverFabric;
  private Fabric clientFabric;
  private RpcServer server;
  private RpcConnection connection;

  /** Answers every request at once. */
  private static final class Answering implements MessageHandler {
    @Override
    public void onMessage(Message message, RpcConnection from) {
      Replies.done(from, message.correlationId(), Outcome.OK, "");
    }

    @Override
    public void onClosed(RpcConnection from, String reason) {}
  }

  /** Joins client and server. */
  @Setup
  public void connect() throws FabricException {
    Secret secret = Secret.of("benchmark secret");
    serverFabric = ShmFabric.open(ShmConfig.defaults());
    clientFabric = ShmFabric.open(ShmConfig.defaults());
    server =
        RpcServer.start(
            serverFabric,
            new FabricAddress("localhost", 0),
            secret,
            RpcSettings.DEFAULT,
            RpcEvents.NONE,
            joined -> new Answering());
    connection =
        RpcConnection.connect(
            clientFabric,
            server.address(),
            secret,
            new NodeIdentity(7, NodeRole.PROCESSOR, "benchmark"),
            RpcSettings.DEFAULT,
            RpcEvents.NONE,
            new Answering(),
            TIMEOUT_NS);
  }

  /** Closes both ends. */
  @TearDown
  public void close() {
    connection.close();
    server.close();
    clientFabric.close();
    serverFabric.close();
  }

  /** Request, handler, reply. */
  @Benchmark
  public CallResult roundTrip() {
    CallResult result =
        connection.call(
            DoneDecoder.TEMPLATE_ID,
            (buffer, header, id) ->
                new CloseSpaceEncoder()
                    .wrapAndApplyHeader(buffer, 0, header)
                    .correlationId(id)
                    .spaceId(1)
                    .encodedLength(),
            TIMEOUT_NS);
    if (!(result instanceof CallResult.Reply)) {
      throw new IllegalStateException(result.failure());
    }
    return result;
  }
}

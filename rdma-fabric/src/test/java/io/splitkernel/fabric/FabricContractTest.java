package io.splitkernel.fabric;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.fabric.FabricPair.Completion;
import io.splitkernel.fabric.FabricPair.End;
import io.splitkernel.fabric.FabricPair.Options;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every provider promises. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public abstract class FabricContractTest {
  static final long MEMORY_BYTES = 4L << 20;

  FabricPair pair;
  End client;
  End server;
  final WorkRequest request = new WorkRequest();

  /** Opens two instances that reach each other. */
  protected abstract Fabric[] openFabrics() throws Exception;

  @BeforeEach
  void connect() throws Exception {
    Fabric[] fabrics = openFabrics();
    pair = new FabricPair(fabrics[0], fabrics[1], MEMORY_BYTES, Options.defaults());
    client = pair.client;
    server = pair.server;
  }

  @AfterEach
  void close() {
    pair.close();
  }

  @Test
  void shouldReadRemoteBytesWhenPeerDoesNothing() {
    server.memory.segment().set(ValueLayout.JAVA_LONG, 4096, 0x1234_5678_9abc_def0L);
    client.connection.post(
        request
            .read(7, server.region.iova() + 4096, server.region.rkey())
            .local(client.region.lkey(), client.region.iova() + 64, 4096));
    Completion done = client.awaitOne();
    assertEquals(CompletionStatus.SUCCESS, done.status());
    assertEquals(7, done.wrId());
    assertEquals(4096, done.length());
    assertEquals(
        0x1234_5678_9abc_def0L, client.memory.segment().get(ValueLayout.JAVA_LONG, 64));
  }

  @Test
  void shouldDeliverMessageWhenReceiveIsPosted() {
    assertEquals(
        Connection.POSTED,
        server.connection.postReceive(1, server.region.lkey(), server.region.iova(), 256));
    client.memory.segment().set(ValueLayout.JAVA_LONG, 0, 42);
    client.connection.post(
        request.send(2).local(client.region.lkey(), client.region.iova(), 8));
    Completion received = server.awaitOne();
    assertEquals(CompletionStatus.SUCCESS, received.status());
    assertEquals(Opcode.RECEIVE, received.opcode());
    assertEquals(8, received.length());
    assertEquals(42, server.memory.segment().get(ValueLayout.JAVA_LONG, 0));
    assertEquals(CompletionStatus.SUCCESS, client.awaitOne().status());
  }
}

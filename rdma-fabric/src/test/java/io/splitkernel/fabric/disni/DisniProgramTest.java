package io.splitkernel.fabric.disni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ibm.disni.RdmaActiveEndpointGroup;
import com.ibm.disni.RdmaEndpoint;
import com.ibm.disni.RdmaPassiveEndpointGroup;
import com.ibm.disni.RdmaServerEndpoint;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.SVCPollCq;
import com.ibm.disni.verbs.SVCPostSend;
import io.splitkernel.fabric.ChildPeer;
import io.splitkernel.fabric.shm.ProcessResources;
import io.splitkernel.fabric.verbs.VerbsFabricContractTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@link DisniPeer}'s two ends, in two processes and in one; on an RDMA device: see {@code
 * ci/verbs-test}. The machine has no libdisni.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DisniProgramTest {
  private static final String HOST = System.getenv("SOFTROCE_ADDRESS");

  private static final int ATOMIC =
      IbvMr.IBV_ACCESS_LOCAL_WRITE
          | IbvMr.IBV_ACCESS_REMOTE_ATOMIC; // registerMemory() leaves it out

  @BeforeAll
  static void install() {
    VerbsFabricContractTest.assumeDevice();
    assertNoJniLibrary();
    DisniProvider.install();
  }

  @SuppressWarnings("restricted")
  private static void assertNoJniLibrary() {
    assertThrows(UnsatisfiedLinkError.class, () -> System.loadLibrary("disni"));
  }

  @Test
  void shouldTalkToAnUnchangedProgramInAnotherProcess() throws Exception {
    try (ChildPeer peer =
        new ChildPeer(DisniMain.class, DisniPeer.class.getName(), HOST + ":7901")) {
      assertEquals("listening", peer.line());
      RdmaActiveEndpointGroup<DisniPeer.Endpoint> group = DisniPeer.group();
      DisniPeer.Endpoint endpoint = group.createEndpoint();
      endpoint.connect(new InetSocketAddress(HOST, 7901), 5_000);
      converse(endpoint);
      assertEquals("sent 0 received 0", peer.line());
      assertEquals(DisniPeer.WRITTEN, peer.line());
      endpoint.free();
      group.close();
      assertEquals("closed", peer.line());
    }
  }

  /** Reads the server's memory and writes there. */
  private static void converse(DisniPeer.Endpoint endpoint) throws Exception {
    IbvWC introduction = endpoint.completion();
    assertEquals(0, introduction.getStatus());
    assertEquals(7, introduction.getWr_id());
    assertEquals(IbvWC.IbvWcOpcode.IBV_WC_RECV.getOpcode(), introduction.getOpcode());
    assertEquals(16, introduction.getByte_len());
    long address = endpoint.received.getLong(0);
    int rkey = endpoint.received.getInt(8);

    int length = DisniPeer.SECRET.length();
    SVCPostSend read = endpoint.oneSided(IbvSendWR.IBV_WR_RDMA_READ, address, rkey, length);
    for (int i = 0; i < 10; i++) { // written once, posted often, changed in between
      read.getWrMod(0).setWr_id(i);
      DisniPeer.put(endpoint.data, ".".repeat(length));
      read.execute();
      IbvWC done = endpoint.completion();
      assertEquals(0, done.getStatus());
      assertEquals(i, done.getWr_id());
      assertEquals(DisniPeer.SECRET, DisniPeer.text(endpoint.data, length));
    }
    read.free();
    assertThrows(IOException.class, read::execute);

    DisniPeer.put(endpoint.data, DisniPeer.WRITTEN);
    int written = DisniPeer.WRITTEN.length();
    endpoint.oneSided(IbvSendWR.IBV_WR_RDMA_WRITE, address, rkey, written).execute().free();
    assertEquals(0, endpoint.completion().getStatus());
    endpoint.postSend(List.of(endpoint.request(IbvSendWR.IBV_WR_SEND, 1))).execute().free();
    assertEquals(0, endpoint.completion().getStatus());
  }

  @Test
  void shouldTellOfARefusedRead() throws Exception {
    try (ChildPeer peer =
        new ChildPeer(DisniMain.class, DisniPeer.class.getName(), HOST + ":7902")) {
      assertEquals("listening", peer.line());
      RdmaActiveEndpointGroup<DisniPeer.Endpoint> group = DisniPeer.group();
      DisniPeer.Endpoint endpoint = group.createEndpoint();
      endpoint.connect(new InetSocketAddress(HOST, 7902), 5_000);
      endpoint.completion();
      long address = endpoint.received.getLong(0);
      int wrong = endpoint.received.getInt(8) ^ 0x7700;
      endpoint.oneSided(IbvSendWR.IBV_WR_RDMA_READ, address, wrong, 8).execute().free();
      assertEquals(
          IbvWC.IbvWcStatus.IBV_WC_REM_ACCESS_ERR.ordinal(), endpoint.completion().getStatus());
      endpoint.free();
      group.close();
    }
  }

  @Test
  void shouldRunAPassiveGroupAndLeaveNothingOpen() throws Exception {
    passive(7903);
    long before = ProcessResources.descriptors();
    for (int i = 0; i < 5; i++) {
      passive(7904 + i);
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> ProcessResources.descriptors() <= before);
  }

  /** Both ends in this process; the program polls its completion queues. */
  private static void passive(int port) throws Exception {
    RdmaPassiveEndpointGroup<RdmaEndpoint> group = new RdmaPassiveEndpointGroup<>(200, 8, 2, 16);
    group.init((id, serverSide) -> new PlainEndpoint(group, id, serverSide));
    RdmaServerEndpoint<RdmaEndpoint> server = group.createServerEndpoint();
    server.bind(new InetSocketAddress(HOST, port), 4);
    RdmaEndpoint[] accepted = new RdmaEndpoint[1];
    Thread acceptor = Thread.ofPlatform().start(() -> accepted[0] = accept(server));
    RdmaEndpoint client = group.createEndpoint();
    client.connect(new InetSocketAddress(HOST, port), 5_000);
    acceptor.join();
    assertEquals(port, ((InetSocketAddress) client.getDstAddr()).getPort());
    assertNotEquals(0, ((InetSocketAddress) client.getSrcAddr()).getPort());

    ByteBuffer word = ByteBuffer.allocateDirect(8);
    ByteBuffer result = ByteBuffer.allocateDirect(8);
    word.order(java.nio.ByteOrder.nativeOrder()).putLong(0, 41);
    IbvMr wordRegion = accepted[0].getPd().regMr(word, ATOMIC).execute().free().getMr();
    IbvMr resultRegion = client.registerMemory(result).execute().free().getMr();
    add(client, wordRegion, resultRegion);
    assertEquals(42, word.getLong(0));
    assertEquals(41, result.order(java.nio.ByteOrder.nativeOrder()).getLong(0));

    client.deregisterMemory(resultRegion);
    accepted[0].deregisterMemory(wordRegion);
    client.close();
    accepted[0].close();
    client.getCqProvider().close();
    accepted[0].getCqProvider().close();
    server.close();
    group.close();
  }

  /** Its constructor is all that is needed, but protected. */
  private static final class PlainEndpoint extends RdmaEndpoint {
    PlainEndpoint(RdmaPassiveEndpointGroup<RdmaEndpoint> group, RdmaCmId id, boolean serverSide)
        throws IOException {
      super(group, id, serverSide);
    }
  }

  private static RdmaEndpoint accept(RdmaServerEndpoint<RdmaEndpoint> server) {
    try {
      return server.accept();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("JdkObsolete")
  private static void add(RdmaEndpoint client, IbvMr word, IbvMr result) throws Exception {
    com.ibm.disni.verbs.IbvSge element = new com.ibm.disni.verbs.IbvSge();
    element.setAddr(result.getAddr());
    element.setLength(8);
    element.setLkey(result.getLkey());
    IbvSendWR request = new IbvSendWR();
    request.setOpcode(IbvSendWR.IBV_WR_ATOMIC_FETCH_AND_ADD);
    request.setSend_flags(IbvSendWR.IBV_SEND_SIGNALED);
    request.setSg_list(new LinkedList<>(List.of(element))); // as DiSNI wants it
    request.getAtomic().setRemote_addr(word.getAddr());
    request.getAtomic().setRkey(word.getRkey());
    request.getAtomic().setCompare_add(1);
    client.getCqProvider().getCQ().reqNotification(false).execute().free();
    client.postSend(List.of(request)).execute().free();
    assertTrue(
        client
            .getCqProvider()
            .getCQ()
            .getChannel()
            .getCqEvent(client.getCqProvider().getCQ(), 10_000));
    client.getCqProvider().getCQ().ackEvents(1);
    IbvWC[] completions = {new IbvWC(), new IbvWC()};
    SVCPollCq poll = client.getCqProvider().getCQ().poll(completions, 2);
    assertEquals(1, poll.execute().getPolls());
    assertEquals(0, completions[0].getStatus());
    poll.free();
  }
}

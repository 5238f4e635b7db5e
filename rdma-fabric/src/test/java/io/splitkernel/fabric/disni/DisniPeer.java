package io.splitkernel.fabric.disni;

import com.ibm.disni.RdmaActiveEndpoint;
import com.ibm.disni.RdmaActiveEndpointGroup;
import com.ibm.disni.RdmaServerEndpoint;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.SVCPostSend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.LinkedList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A program for DiSNI as DiSNI's documentation shows it: it knows nothing of this project. As a
 * server, {@code DisniPeer HOST:PORT}, it serves one client; it prints what it got.
 */
public final class DisniPeer {
  static final int BUFFER_BYTES = 4096;
  static final String SECRET = "a sentence that only the server's memory has";
  static final String WRITTEN = "what the client wrote there";

  private DisniPeer() {}

  /** The endpoint: three buffers and a queue of completions. */
  static final class Endpoint extends RdmaActiveEndpoint {
    final ByteBuffer data = ByteBuffer.allocateDirect(BUFFER_BYTES);
    final ByteBuffer received = ByteBuffer.allocateDirect(BUFFER_BYTES);
    final BlockingQueue<IbvWC> completions = new ArrayBlockingQueue<>(64);
    IbvMr dataRegion;
    IbvMr receivedRegion;

    Endpoint(RdmaActiveEndpointGroup<Endpoint> group, RdmaCmId id, boolean serverSide)
        throws IOException {
      super(group, id, serverSide);
    }

    @Override
    protected synchronized void init() throws IOException {
      super.init();
      dataRegion = registerMemory(data).execute().free().getMr();
      receivedRegion = registerMemory(received).execute().free().getMr();
      receive();
    }

    @Override
    public void dispatchCqEvent(IbvWC completion) {
      completions.add(completion.clone());
    }

    /** Posts the one receive. */
    void receive() throws IOException {
      IbvRecvWR request = new IbvRecvWR();
      request.setWr_id(7);
      request.setSg_list(list(receivedRegion, BUFFER_BYTES));
      request.setNum_sge(1);
      postRecv(List.of(request)).execute().free();
    }

    IbvSendWR request(int opcode, int lengthBytes) {
      IbvSendWR request = new IbvSendWR();
      request.setWr_id(opcode + 100L);
      request.setOpcode(opcode);
      request.setSend_flags(IbvSendWR.IBV_SEND_SIGNALED);
      request.setSg_list(list(dataRegion, lengthBytes));
      request.setNum_sge(1);
      return request;
    }

    SVCPostSend oneSided(int opcode, long address, int rkey, int lengthBytes) throws IOException {
      IbvSendWR request = request(opcode, lengthBytes);
      request.getRdma().setRemote_addr(address);
      request.getRdma().setRkey(rkey);
      return postSend(List.of(request));
    }

    IbvWC completion() throws InterruptedException, IOException {
      IbvWC completion = completions.poll(30, TimeUnit.SECONDS);
      if (completion == null) {
        throw new IOException("no completion in 30 s");
      }
      return completion;
    }

    @SuppressWarnings({"JdkObsolete", "NonApiType"}) // as DiSNI wants it
    static LinkedList<IbvSge> list(IbvMr region, int lengthBytes) {
      IbvSge element = new IbvSge();
      element.setAddr(region.getAddr());
      element.setLength(lengthBytes);
      element.setLkey(region.getLkey());
      return new LinkedList<>(List.of(element));
    }

    void free() throws Exception {
      close();
      deregisterMemory(dataRegion);
      deregisterMemory(receivedRegion);
    }
  }

  static RdmaActiveEndpointGroup<Endpoint> group() throws IOException {
    RdmaActiveEndpointGroup<Endpoint> group = new RdmaActiveEndpointGroup<>(1000, false, 16, 2, 64);
    group.init((id, serverSide) -> new Endpoint(group, id, serverSide));
    group.getConnParam().setRetry_count((byte) 2);
    return group;
  }

  static String text(ByteBuffer buffer, int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    buffer.duplicate().clear().get(bytes);
    return new String(bytes, java.nio.charset.StandardCharsets.US_ASCII);
  }

  static void put(ByteBuffer buffer, String text) {
    buffer.clear();
    buffer.put(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    buffer.clear();
  }

  /** The server. */
  public static void main(String[] arguments) throws Exception {
    String[] where = arguments[0].split(":", 2);
    RdmaActiveEndpointGroup<Endpoint> group = group();
    RdmaServerEndpoint<Endpoint> server = group.createServerEndpoint();
    server.bind(new InetSocketAddress(where[0], Integer.parseInt(where[1])), 10);
    System.out.println("listening");
    serve(server.accept());
    server.close();
    group.close();
    System.out.println("closed");
  }

  /** Tells where its memory is, waits for the client's word, and says what it finds there. */
  static void serve(Endpoint client) throws Exception {
    put(client.data, SECRET);
    ByteBuffer introduction = ByteBuffer.allocateDirect(16);
    introduction.putLong(0, client.dataRegion.getAddr()).putInt(8, client.dataRegion.getRkey());
    IbvMr region = client.registerMemory(introduction).execute().free().getMr();
    IbvSendWR request = client.request(IbvSendWR.IBV_WR_SEND, 16);
    request.setSg_list(Endpoint.list(region, 16));
    client.postSend(List.of(request)).execute().free();
    IbvWC sent = client.completion();
    IbvWC done = client.completion(); // the client's word
    System.out.println("sent " + sent.getStatus() + " received " + done.getStatus());
    System.out.println(text(client.data, WRITTEN.length()));
    client.free();
    client.deregisterMemory(region);
  }
}

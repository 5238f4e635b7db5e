package io.splitkernel.jmh.report;

import com.ibm.disni.RdmaEndpoint;
import com.ibm.disni.RdmaPassiveEndpointGroup;
import com.ibm.disni.RdmaServerEndpoint;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.SVCPollCq;
import com.ibm.disni.verbs.SVCPostSend;
import io.splitkernel.fabric.disni.DisniProvider;
import io.splitkernel.ffi.TickClock;
import io.splitkernel.launcher.bench.BenchOperation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.LinkedList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/**
 * The same operations through DiSNI's interface on this project's bindings: a call that is written
 * once, executed for every operation, and a completion queue that is polled. One thread.
 */
final class DisniRun implements AutoCloseable {
  private static final int PORT = 18_599;
  private static final int TIMEOUT_MS = 5_000;

  /** A packet may be lost; 7 would mean for ever. DiSNI starts with none. */
  private static final int RETRIES = 6;

  private static final long COMPLETION_NS = 10_000_000_000L;
  private static final int CLOCK_MASK = 1023;
  private static final int ACCESS =
      IbvMr.IBV_ACCESS_LOCAL_WRITE
          | IbvMr.IBV_ACCESS_REMOTE_READ
          | IbvMr.IBV_ACCESS_REMOTE_WRITE
          | IbvMr.IBV_ACCESS_REMOTE_ATOMIC;
  private static final int DIGITS = 3;
  private static final int CHUNK = 16;

  private final RdmaPassiveEndpointGroup<RdmaEndpoint> group;
  private final RdmaServerEndpoint<RdmaEndpoint> server;
  private final RdmaEndpoint client;
  private final RdmaEndpoint accepted;
  private final IbvMr local;
  private final IbvMr remote;
  private final IbvWC[] completions = {new IbvWC()};
  private final SVCPollCq poll;

  /** Its constructor is all that is needed, but protected. */
  private static final class PlainEndpoint extends RdmaEndpoint {
    PlainEndpoint(RdmaPassiveEndpointGroup<RdmaEndpoint> group, RdmaCmId id, boolean serverSide)
        throws IOException {
      super(group, id, serverSide);
    }
  }

  /**
   * Connects this process to itself.
   *
   * @param address of the RDMA device.
   * @param lengthBytes of the largest operation.
   */
  DisniRun(String address, int lengthBytes) throws IOException {
    DisniProvider.install();
    try {
      group = new RdmaPassiveEndpointGroup<>(TIMEOUT_MS, 16, 1, 64);
      group.init((id, serverSide) -> new PlainEndpoint(group, id, serverSide));
      group.getConnParam().setRetry_count((byte) RETRIES);
      server = group.createServerEndpoint();
      server.bind(new InetSocketAddress(address, PORT), 1);
      client = group.createEndpoint();
      CompletableFuture<RdmaEndpoint> accept = CompletableFuture.supplyAsync(this::accept);
      client.connect(new InetSocketAddress(address, PORT), TIMEOUT_MS);
      accepted = accept.get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("DiSNI does not accept: " + e.getMessage(), e);
    } catch (Exception e) { // DiSNI declares no less
      throw new IOException("DiSNI does not connect: " + e.getMessage(), e);
    }
    local = client.registerMemory(ByteBuffer.allocateDirect(lengthBytes)).execute().free().getMr();
    remote =
        accepted
            .getPd()
            .regMr(ByteBuffer.allocateDirect(lengthBytes), ACCESS)
            .execute()
            .free()
            .getMr();
    poll = client.getCqProvider().getCQ().poll(completions, 1);
  }

  private RdmaEndpoint accept() {
    try {
      return server.accept();
    } catch (IOException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** One round of latencies in nanoseconds. */
  Histogram latency(BenchOperation operation, int sizeBytes, int warmUp, int iterations)
      throws IOException {
    SVCPostSend call = client.postSend(List.of(request(operation, sizeBytes)));
    long[] ended = new long[iterations + 1];
    int chunk = Math.min(CHUNK, ended.length);
    for (int left = warmUp; left > 0; left -= chunk) {
      several(call, ended, 0, chunk);
    }
    for (int i = 0; i < ended.length; i += CHUNK) {
      several(call, ended, i, Math.min(i + CHUNK, ended.length));
    }
    call.free();
    double nsPerTick = TickClock.nsPerTick();
    Histogram histogram = new Histogram(DIGITS);
    histogram.setAutoResize(true);
    for (int i = 1; i < ended.length; i++) {
      histogram.recordValue(Math.max(0, Math.round((ended[i] - ended[i - 1]) * nsPerTick)));
    }
    return histogram;
  }

  @SuppressWarnings("JdkObsolete")
  private IbvSendWR request(BenchOperation operation, int sizeBytes) {
    IbvSge element = new IbvSge();
    element.setAddr(local.getAddr());
    element.setLength(sizeBytes);
    element.setLkey(local.getLkey());
    IbvSendWR request = new IbvSendWR();
    request.setSend_flags(IbvSendWR.IBV_SEND_SIGNALED);
    request.setSg_list(new LinkedList<>(List.of(element))); // as DiSNI wants it
    request.setNum_sge(1);
    request.setOpcode(
        switch (operation) {
          case READ_LAT, READ_BW -> IbvSendWR.IBV_WR_RDMA_READ;
          case WRITE_LAT, WRITE_BW -> IbvSendWR.IBV_WR_RDMA_WRITE;
          case ATOMIC_LAT -> IbvSendWR.IBV_WR_ATOMIC_CMP_AND_SWP;
        });
    request.getRdma().setRemote_addr(remote.getAddr());
    request.getRdma().setRkey(remote.getRkey());
    request.getAtomic().setRemote_addr(remote.getAddr());
    request.getAtomic().setRkey(remote.getRkey());
    request.getAtomic().setSwap(1);
    return request;
  }

  /** A few at a time: a method that is called often is compiled as a whole. */
  private void several(SVCPostSend call, long[] ended, int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      once(call);
      ended[i] = TickClock.ticks();
    }
  }

  private void once(SVCPostSend call) throws IOException {
    call.execute();
    int empty = 0;
    long deadline = 0;
    while (poll.execute().getPolls() == 0) {
      if ((++empty & CLOCK_MASK) == 0) {
        long now = System.nanoTime();
        deadline = deadline == 0 ? now + COMPLETION_NS : deadline;
        if (now - deadline > 0) {
          throw new IOException("DiSNI: no completion within 10 s");
        }
      }
    }
    if (completions[0].getStatus() != 0) {
      throw new IOException("DiSNI: an operation ended with " + completions[0].getStatus());
    }
  }

  @Override
  public void close() throws IOException {
    try {
      poll.free();
      client.deregisterMemory(local);
      accepted.deregisterMemory(remote);
      client.close();
      accepted.close();
      client.getCqProvider().close();
      accepted.getCqProvider().close();
      server.close();
      group.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

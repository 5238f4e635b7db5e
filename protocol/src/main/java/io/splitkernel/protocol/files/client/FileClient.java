package io.splitkernel.protocol.files.client;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.wire.EntryList;
import io.splitkernel.protocol.files.wire.FileAnswer;
import io.splitkernel.protocol.files.wire.FileRequest;
import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.sbe.FileOperation;
import io.splitkernel.protocol.sbe.FileReplyDecoder;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client of one file server, for all its volumes. Any number of threads; they wait for their
 * answers. An operation whose connection is lost is repeated on a new one, marked as repeated.
 */
public final class FileClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileClient.class);
  private static final long PAUSE_NS_MIN = 10_000_000L;
  private static final long PAUSE_NS_MAX = 1_000_000_000L;

  private final FileClientConfig config;
  private final FabricMemory buffers;
  private final ArrayBlockingQueue<Integer> slots;
  private final Unsynced unsynced = new Unsynced();
  private final LiveLink live;

  private FileClient(
      Fabric fabric,
      VolumeRoutes routes,
      Secret secret,
      NodeIdentity identity,
      FileClientConfig config,
      FabricMemory buffers) {
    this.config = config;
    this.buffers = buffers;
    this.live = new LiveLink(fabric, routes, secret, identity, config, buffers, unsynced);
    this.slots = new ArrayBlockingQueue<>(config.slots());
    for (int i = 0; i < config.slots(); i++) {
      slots.add(i);
    }
  }

  /**
   * Connects.
   *
   * @param fabric of this process; stays the caller's.
   * @param target where the server listens.
   * @param secret of the cluster.
   * @param identity of this process.
   * @param config limits.
   * @return the client, the caller's to close.
   * @throws FabricException when the server cannot be reached now, or refuses.
   */
  public static FileClient connect(
      Fabric fabric, Target target, Secret secret, NodeIdentity identity, FileClientConfig config)
      throws FabricException {
    VolumeRoutes routes = _ -> VolumeRoute.toServer(target.address());
    return connect(fabric, routes, secret, identity, config);
  }

  /**
   * Connects to whoever has one volume, now and whenever it has moved; {@link #volume} is that one.
   *
   * @param fabric of this process; stays the caller's.
   * @param routes finds the volume.
   * @param secret of the cluster.
   * @param identity of this process.
   * @param config limits.
   * @return the client, the caller's to close.
   * @throws FabricException when the server cannot be reached now, or refuses.
   */
  public static FileClient connect(
      Fabric fabric,
      VolumeRoutes routes,
      Secret secret,
      NodeIdentity identity,
      FileClientConfig config)
      throws FabricException {
    FabricMemory buffers =
        fabric.allocateMemory((long) config.slots() * Volume.TRANSFER_BYTES_MAX, "lego-file-slots");
    FileClient client = new FileClient(fabric, routes, secret, identity, config, buffers);
    boolean connected = false;
    try {
      client.live.open();
      connected = true;
    } finally {
      if (!connected) {
        buffers.close();
      }
    }
    return client;
  }

  /**
   * A volume of the server.
   *
   * @param name of it; whether there is one shows with the first operation, -ENXIO.
   * @return the volume; closing it does nothing.
   */
  public RemoteVolume volume(String name) {
    return volume(name, 0);
  }

  /**
   * A volume of the server under a fixed epoch: when the server refuses it, that is the answer.
   *
   * @param name of it.
   * @param epoch to use.
   * @return the volume; closing it does nothing.
   */
  public RemoteVolume volume(String name, long epoch) {
    return new RemoteVolume(this, name, epoch);
  }

  /**
   * As the server told when the last connection was made: changes when what was not synced there
   * may have been lost.
   *
   * @return a number.
   */
  public long verifier() {
    return live.verifier();
  }

  /**
   * What to do when that number has changed.
   *
   * @param action run in the middle of an operation of this client: it must not begin another one.
   */
  public void onLoss(Runnable action) {
    live.onLoss(action);
  }

  /** As {@link io.splitkernel.protocol.files.VolumeProvider#makeVolume}. */
  public int makeVolume(String name, long quotaBytes) {
    FileRequest request = new FileRequest().begin(FileOperation.MAKE_VOLUME, name, "");
    request.lengthBytes = quotaBytes;
    return (int) call(request, new FileAnswer());
  }

  /** As {@link io.splitkernel.protocol.files.VolumeProvider#removeVolume}. */
  public int removeVolume(String name) {
    FileRequest request = new FileRequest().begin(FileOperation.REMOVE_VOLUME, name, "");
    return (int) call(request, new FileAnswer());
  }

  /**
   * Names of the volumes.
   *
   * @param into gets them.
   * @return their number or a negative error number.
   */
  public int listVolumes(List<String> into) {
    FileRequest request = new FileRequest();
    FileAnswer answer = new FileAnswer();
    List<String> names = new ArrayList<>();
    do {
      request.begin(FileOperation.LIST_VOLUMES, "", "");
      request.other = names.isEmpty() ? "" : names.getLast();
      if (call(request, answer) < 0) {
        return (int) answer.result;
      }
      EntryList.read(answer.content, (name, id, type, cookie) -> names.add(name));
    } while (answer.result > 0);
    into.addAll(names);
    return names.size();
  }

  /** Files whose last writes are not synced. */
  Unsynced unsynced() {
    return unsynced;
  }

  /** Bytes that travel in a message, on the present connection. */
  int inlineBytesMax() {
    FileLink now = live.now();
    return now == null ? Volume.BLOCK_BYTES : now.inlineBytesMax();
  }

  /** Waits for a buffer; -1 when none becomes free. */
  int takeSlot() {
    try {
      Integer slot = slots.poll(config.callNs() + config.retryNs(), TimeUnit.NANOSECONDS);
      return slot == null ? -1 : slot;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  /** Whether servers reach this memory. */
  boolean reaches(MemorySegment memory) {
    long offset = memory.address() - buffers.segment().address();
    long length = memory.byteSize();
    return length > 0 && offset >= 0 && offset + length <= buffers.segment().byteSize();
  }

  MemorySegment slot(int number) {
    long offset = (long) number * Volume.TRANSFER_BYTES_MAX;
    return buffers.segment().asSlice(offset, Volume.TRANSFER_BYTES_MAX);
  }

  void giveSlot(int number) {
    slots.add(number);
  }

  /**
   * Carries out a request, again and again until it is answered or its time is over.
   *
   * @param request to send; its buffer, if any, is a slot.
   * @param answer to fill.
   * @return the answer's result; -EIO, or what the configuration says, when there was none in time.
   */
  long call(FileRequest request, FileAnswer answer) {
    long firstFailureNs = 0;
    long pauseNs = PAUSE_NS_MIN;
    while (!live.isClosed()) {
      FileLink use = live.now();
      if (use != null) {
        if (attempt(use, request, answer)) {
          return answer.result;
        }
        live.drop(use);
      }
      long now = System.nanoTime();
      firstFailureNs = firstFailureNs == 0 ? now : firstFailureNs;
      long leftNs = config.retryNs() - (now - firstFailureNs);
      if (leftNs <= 0) {
        break;
      }
      if (!live.reconnect(Math.min(pauseNs, leftNs))) {
        pauseNs = Math.min(2 * pauseNs, PAUSE_NS_MAX);
      }
    }
    answer.begin();
    answer.result = -config.awayError();
    return answer.result;
  }

  private boolean attempt(FileLink use, FileRequest request, FileAnswer answer) {
    VolumeRoute route = use.route();
    request.rkey = use.rkey();
    request.losses = use.losses();
    if (route.toVolume()) {
      request.volume = route.volume();
      request.epoch = route.epoch();
    }
    CallResult result = use.rpc().call(FileReplyDecoder.TEMPLATE_ID, request, config.callNs());
    switch (result) {
      case CallResult.Reply(Message message) -> {
        answer.decode(message);
        boolean moved = answer.result == -Errno.ESTALE && answer.epoch > request.epoch;
        if (moved && route.toVolume()) {
          live.refused(answer.epoch);
          return false;
        }
        return true;
      }
      case CallResult.Refused(var _, String reason) -> {
        LOG.warn("{} {}:{}: {}", request.operation, request.volume, request.path, reason);
        answer.begin();
        answer.result = -Errno.EIO;
        return true;
      }
      case CallResult.BackPressure _ -> {}
      case CallResult.TimedOut _, CallResult.Disconnected _ -> request.retry = true;
    }
    return false;
  }

  /** The answer when the server cannot be reached in time. */
  int away() {
    return -config.awayError();
  }

  /** Ends the connection; operations that wait end with an error. Idempotent. */
  @Override
  public void close() {
    if (live.close()) {
      buffers.close();
    }
  }
}

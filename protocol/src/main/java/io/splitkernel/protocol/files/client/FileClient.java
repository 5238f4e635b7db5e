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
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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

  private final Fabric fabric;
  private final Target target;
  private final Secret secret;
  private final NodeIdentity identity;
  private final FileClientConfig config;
  private final long clientId = new SecureRandom().nextLong() | 1;
  private final FabricMemory buffers;
  private final ArrayBlockingQueue<Integer> slots;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private final Unsynced unsynced = new Unsynced();
  private volatile FileLink link;
  private long verifier;
  private volatile boolean closed;

  private FileClient(
      Fabric fabric,
      Target target,
      Secret secret,
      NodeIdentity identity,
      FileClientConfig config,
      FabricMemory buffers) {
    this.fabric = fabric;
    this.target = target;
    this.secret = secret;
    this.identity = identity;
    this.config = config;
    this.buffers = buffers;
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
    FabricMemory buffers =
        fabric.allocateMemory((long) config.slots() * Volume.TRANSFER_BYTES_MAX, "lego-file-slots");
    FileClient client = new FileClient(fabric, target, secret, identity, config, buffers);
    boolean connected = false;
    try {
      client.link = client.newLink();
      client.verifier = client.link.verifier();
      connected = true;
    } finally {
      if (!connected) {
        buffers.close();
      }
    }
    return client;
  }

  private FileLink newLink() throws FabricException {
    return FileLink.connect(
        fabric, target.address(), secret, identity, clientId, buffers, config.callNs());
  }

  /**
   * A volume of the server.
   *
   * @param name of it; whether there is one shows with the first operation, -ENXIO.
   * @return the volume; closing it does nothing.
   */
  public RemoteVolume volume(String name) {
    return new RemoteVolume(this, name);
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
    FileLink now = link;
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
   * @return the answer's result; -EIO when there was none in time.
   */
  long call(FileRequest request, FileAnswer answer) {
    long firstFailureNs = 0;
    long pauseNs = PAUSE_NS_MIN;
    while (!closed) {
      FileLink use = link;
      if (use != null) {
        if (attempt(use, request, answer)) {
          return answer.result;
        }
        drop(use);
      }
      long now = System.nanoTime();
      firstFailureNs = firstFailureNs == 0 ? now : firstFailureNs;
      long leftNs = config.retryNs() - (now - firstFailureNs);
      if (leftNs <= 0) {
        break;
      }
      if (!reconnect(Math.min(pauseNs, leftNs))) {
        pauseNs = Math.min(2 * pauseNs, PAUSE_NS_MAX);
      }
    }
    answer.begin();
    answer.result = -Errno.EIO;
    return answer.result;
  }

  private boolean attempt(FileLink use, FileRequest request, FileAnswer answer) {
    request.rkey = use.rkey();
    CallResult result = use.rpc().call(FileReplyDecoder.TEMPLATE_ID, request, config.callNs());
    switch (result) {
      case CallResult.Reply(Message message) -> {
        answer.decode(message);
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

  /** Ends a connection that has failed; afterwards its buffers are safe to use. */
  private void drop(FileLink failed) {
    lock.lock();
    try {
      if (link == failed) {
        link = null;
        failed.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Tries once, after a pause; one thread at a time. Whether there is a connection now. */
  private boolean reconnect(long pauseNs) {
    try {
      if (!lock.tryLock(pauseNs, TimeUnit.NANOSECONDS)) {
        return link != null;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    try {
      if (link == null && !closed) {
        FileLink made = newLink();
        if (made.verifier() != verifier) {
          verifier = made.verifier();
          unsynced.onLoss();
        }
        link = made;
        LOG.info("connected again");
      }
      return true;
    } catch (FabricException e) {
      LOG.debug("not connected: {}", e.getMessage());
      pause(pauseNs);
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock, which it gives up meanwhile. */
  private void pause(long pauseNs) {
    try {
      long left = pauseNs;
      while (left > 0 && !closed) {
        left = closing.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the connection; operations that wait end with -EIO. Idempotent. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      closing.signalAll();
      if (link != null) {
        link.close();
        link = null;
      }
    } finally {
      lock.unlock();
    }
    buffers.close();
  }
}

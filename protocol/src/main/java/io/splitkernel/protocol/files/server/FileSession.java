package io.splitkernel.protocol.files.server;

import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.VolumeUse;
import io.splitkernel.protocol.files.wire.FileAnswer;
import io.splitkernel.protocol.rpc.ConnectionWork;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.MessageHandler;
import io.splitkernel.protocol.rpc.ProtocolViolation;
import io.splitkernel.protocol.rpc.Replies;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.sbe.FileCallDecoder;
import io.splitkernel.protocol.sbe.FileOperation;
import io.splitkernel.protocol.sbe.OpenFilesDecoder;
import io.splitkernel.protocol.sbe.OpenFilesReplyEncoder;
import io.splitkernel.protocol.sbe.Outcome;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection. Messages come on its thread; workers answer. What it holds ends with the
 * connection.
 */
final class FileSession implements MessageHandler {
  private static final Logger LOG = LoggerFactory.getLogger(FileSession.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final String STILL_RUNNING =
      "operations of the client's earlier connection have not ended";

  private static final String TOO_SLOW = "its file operations wait for too long";

  private final FileServer server;
  private final long tokenHigh = RANDOM.nextLong();
  private final long tokenLow = RANDOM.nextLong();
  private volatile RpcConnection connection;
  private volatile boolean ended;
  private volatile ClientOperations operations;
  private final FileCallDecoder call = new FileCallDecoder();
  private final ReadyReads ready;
  private final FetchedReads fetches;
  private FairJobs.Lane lane;
  private long clientId;
  private BufferLink link;

  FileSession(FileServer server) {
    this.server = server;
    this.ready = new ReadyReads(server);
    this.fetches = new FetchedReads(server.config().fetchesMax(), this::onFetched);
  }

  /** Before any operation of it. */
  void belongsTo(ClientOperations client) {
    operations = client;
  }

  /** Of whom this is a connection; operations are carried out after it is known. */
  long clientId() {
    return clientId;
  }

  /** Ids of all clients of the server that are connected. */
  Set<Long> connectedClients() {
    return server.sessions().clients();
  }

  boolean knows(long high, long low) {
    return ((high ^ tokenHigh) | (low ^ tokenLow)) == 0;
  }

  @Override
  public void onMessage(Message message, RpcConnection from) throws ProtocolViolation {
    connection = from;
    switch (message.templateId()) {
      case OpenFilesDecoder.TEMPLATE_ID -> open(message, from);
      case FileCallDecoder.TEMPLATE_ID -> submit(message);
      default -> throw ProtocolViolation.unexpected(message);
    }
  }

  private void open(Message message, RpcConnection from) throws ProtocolViolation {
    OpenFilesDecoder open = new OpenFilesDecoder();
    open.wrapAndApplyHeader(message.buffer(), 0, message.header());
    if (clientId != 0 || open.clientId() == 0) {
      throw new ProtocolViolation("openFiles twice on a connection, or without a client id");
    }
    clientId = open.clientId();
    long epoch = open.epoch();
    String name = open.volume();
    lane = server.jobs().open();
    boolean entered = server.sessions().enter(clientId, this);
    Opened opened = entered ? openVolume(name, epoch) : Opened.failed(STILL_RUNNING);
    from.reply(
        message.correlationId(),
        (buffer, header, id) -> {
          OpenFilesReplyEncoder reply =
              new OpenFilesReplyEncoder().wrapAndApplyHeader(buffer, 0, header);
          reply.correlationId(id).outcome(opened.outcome());
          reply.tokenHigh(tokenHigh).tokenLow(tokenLow);
          reply.inlineBytesMax(server.config().inlineBytesMax()).verifier(opened.verifier());
          reply.storageVerifier(opened.storageVerifier()).epoch(opened.epoch());
          reply.reason(Replies.cut(opened.reason()));
          return reply.encodedLength();
        });
    if (!entered) {
      throw new ProtocolViolation(STILL_RUNNING);
    }
  }

  private record Opened(
      Outcome outcome, long verifier, long storageVerifier, long epoch, String reason) {
    static Opened failed(String reason) {
      return new Opened(Outcome.FAILED, 0, 0, 0, reason);
    }
  }

  /** The epoch is taken now, so that the numbers told are those of the volume that is used. */
  private Opened openVolume(String name, long epoch) {
    if (name.isEmpty()) {
      long verifier = server.volumes().verifier();
      return new Opened(Outcome.OK, verifier, verifier, 0, "");
    }
    VolumeUse use = server.volumes().use(name);
    if (use == null) {
      return new Opened(Outcome.UNKNOWN, 0, 0, 0, "there is no volume " + name);
    }
    long stamp = use.enter(epoch);
    if (stamp == -Errno.ESTALE) {
      return new Opened(Outcome.WRONG_OWNER, 0, 0, use.epoch(), "the epoch is over");
    }
    if (stamp < 0) {
      return Opened.failed("volume " + name + ": " + Errno.text(stamp));
    }
    try {
      return new Opened(Outcome.OK, use.verifier(), use.storageVerifier(), epoch, "");
    } finally {
      use.leave(stamp);
    }
  }

  private void submit(Message message) throws ProtocolViolation {
    if (clientId == 0) {
      throw new ProtocolViolation("a file operation before openFiles");
    }
    call.wrapAndApplyHeader(message.buffer(), 0, message.header());
    if (call.remoteAddress() != 0 && !awaitLink() && !ended) {
      throw new ProtocolViolation("a transfer without a connection for transfers");
    }
    if (ended || !operations.begin(this)) {
      return;
    }
    if (!carryOut(message, 0)) {
      throw new ProtocolViolation(TOO_SLOW);
    }
  }

  /** A read whose blocks were brought into memory. */
  private void onFetched(Message message, int attempts) {
    call.wrapAndApplyHeader(message.buffer(), 0, message.header());
    if (!carryOut(message, attempts)) {
      end(TOO_SLOW);
    }
  }

  /**
   * An operation that has begun: ends it, or hands it to somebody who will; false when nobody takes
   * it in time.
   */
  private boolean carryOut(Message message, int attempts) {
    boolean handedOn = false;
    boolean answered = false;
    try {
      if (!ended && call.operation() == FileOperation.READ) {
        ReadyReads.Outcome outcome = ready.answer(message, call, this, fetches, attempts);
        handedOn = outcome == ReadyReads.Outcome.FETCHED;
        answered = outcome == ReadyReads.Outcome.ANSWERED;
      }
      if (!ended && !answered && !handedOn) {
        FileJob job = new FileJob(this, message.copy());
        handedOn = server.jobs().offer(lane, job, server.config().transferNs());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!handedOn) {
        operations.done();
      }
    }
    return handedOn || answered || ended;
  }

  @Override
  public ConnectionWork work() {
    return fetches.begin();
  }

  /** Worker: an operation has ended, answered or not. */
  void done() {
    server.jobs().done(lane);
    operations.done();
    if (ended) {
      server.sessions().forgetUnused(clientId);
    }
  }

  /** Worker: whether operations are still worth carrying out. */
  boolean isOpen() {
    return !ended;
  }

  void answer(long correlationId, FileAnswer answer) {
    connection.reply(correlationId, answer);
  }

  /** Ends the connection; the client will come back. Any thread. */
  void end(String reason) {
    if (stop()) {
      LOG.warn("file session of {} ends: {}", connection.peer().name(), reason);
    }
    connection.close();
  }

  /** Whether it had not ended before. */
  private boolean stop() {
    BufferLink closing;
    boolean first;
    synchronized (this) {
      first = !ended;
      ended = true;
      closing = link;
      link = null;
      notifyAll();
    }
    if (lane != null) {
      server.jobs().close(lane);
    }
    if (closing != null) {
      closing.close();
    }
    return first;
  }

  @Override
  public void onClosed(RpcConnection from, String reason) {
    stop();
    for (int left = fetches.close(); left > 0; left--) {
      operations.done();
    }
    if (clientId != 0) {
      server.sessions().leave(clientId, this);
    }
  }

  void acceptData(ConnectionRequest request) {
    synchronized (this) {
      if (ended || link != null) {
        request.reject("no data connection is wanted");
        return;
      }
    }
    try {
      BufferLink accepted = BufferLink.accept(server, request);
      synchronized (this) {
        if (!ended) {
          link = accepted;
          notifyAll();
          return;
        }
      }
      accepted.close();
    } catch (FabricException e) {
      LOG.warn("data connection of {}: {}", connection.peer().name(), e.getMessage());
    }
  }

  /**
   * Worker: moves bytes between a local buffer and the client's.
   *
   * @param push whether to the client.
   * @return false when the client cannot be reached.
   */
  boolean move(boolean push, long localAddress, int length, long remoteAddress, int rkey) {
    BufferLink use;
    synchronized (this) {
      use = link;
    }
    return use != null && use.move(push, localAddress, length, remoteAddress, rkey);
  }

  /**
   * Thread of the connection: waits for what the client makes next. A worker does not wait, so that
   * a client which never makes it keeps none.
   */
  private synchronized boolean awaitLink() {
    long deadline = System.nanoTime() + server.config().transferNs();
    try {
      while (link == null && !ended && deadline - System.nanoTime() > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, deadline - System.nanoTime()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return link != null;
  }
}

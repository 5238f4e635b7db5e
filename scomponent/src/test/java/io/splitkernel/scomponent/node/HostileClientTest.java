package io.splitkernel.scomponent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.Connection;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.fabric.providers.FabricProviders;
import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.NodeIdentity;
import io.splitkernel.protocol.NodeRole;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.client.FileClient;
import io.splitkernel.protocol.files.client.FileClientConfig;
import io.splitkernel.protocol.files.server.FileServerConfig;
import io.splitkernel.protocol.files.wire.FileAnswer;
import io.splitkernel.protocol.files.wire.FileRequest;
import io.splitkernel.protocol.rpc.CallResult;
import io.splitkernel.protocol.rpc.ConnectionPreamble;
import io.splitkernel.protocol.rpc.LossNotice;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.RpcConnection;
import io.splitkernel.protocol.rpc.RpcEvents;
import io.splitkernel.protocol.rpc.RpcSettings;
import io.splitkernel.protocol.sbe.FileOperation;
import io.splitkernel.protocol.sbe.FileReplyDecoder;
import io.splitkernel.scomponent.store.DirectoryStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that know the secret and ask for what nobody should. */
@Timeout(120)
final class HostileClientTest {
  private static final Secret SECRET = Secret.of("a secret of the tests");
  private static final FabricAddress ANYWHERE = new FabricAddress("127.0.0.1", 0);
  private static final long PATIENCE_NS = 60_000_000_000L;
  private static final long TRANSFER_NS = 500_000_000L;

  /** Longer than any test: it is not what ends a wait. */
  private static final long NEVER_NS = 3_600_000_000_000L;

  private static final int CALLS = RpcSettings.DEFAULT.pendingCallsMax();
  private static final FileOperation[] WITH_PATH = {
    FileOperation.LOOKUP,
    FileOperation.CREATE,
    FileOperation.MAKE_DIRECTORY,
    FileOperation.MAKE_SYMLINK,
    FileOperation.MAKE_NODE,
    FileOperation.LINK,
    FileOperation.UNLINK,
    FileOperation.REMOVE_DIRECTORY,
    FileOperation.RENAME,
    FileOperation.READ_LINK,
    FileOperation.CHANGE,
    FileOperation.READ_DIRECTORY,
    FileOperation.READ,
    FileOperation.WRITE,
    FileOperation.SYNC,
    FileOperation.WRITE_SYNCED,
    FileOperation.START_WRITE_OUT,
    FileOperation.ALLOCATE,
    FileOperation.GET_XATTR,
    FileOperation.SET_XATTR,
    FileOperation.LIST_XATTRS,
    FileOperation.REMOVE_XATTR
  };

  @TempDir private Path root;
  private Fabric fabric;
  private DirectoryStore store;
  private StorageComponent component;
  private long clients;
  private Handshake handshake;

  @BeforeEach
  void start() throws Exception {
    fabric = FabricProviders.open("shm");
    store = DirectoryStore.open(root);
    assertEquals(0, store.makeVolume("v", 1 << 20));
    assertEquals(0, store.volume("v").create("/f", 7, 0, 0600, 0, 0, new FileAttributes()));
    component = start(NEVER_NS);
  }

  private StorageComponent start(long transferNs) throws FabricException {
    FileServerConfig base = FileServerConfig.DEFAULT;
    return StorageComponent.start(
        fabric,
        store,
        StorageComponentConfig.of("s", ANYWHERE, null, SECRET)
            .withLimits(
                new FileServerConfig(
                    base.workers(),
                    base.queuedBytesMax(),
                    base.inlineBytesMax(),
                    base.fetchesMax(),
                    base.drainNs(),
                    transferNs),
                RpcSettings.DEFAULT));
  }

  @AfterEach
  void stop() {
    component.close();
    store.close();
    fabric.close();
  }

  private RpcConnection connect() throws FabricException {
    RpcConnection connection =
        RpcConnection.connect(
            fabric,
            component.address(),
            SECRET,
            new NodeIdentity(0, NodeRole.CONTROL, "hostile"),
            RpcSettings.DEFAULT,
            RpcEvents.NONE,
            new LossNotice(),
            PATIENCE_NS);
    clients++;
    handshake = Handshake.of(connection, clients, PATIENCE_NS);
    return connection;
  }

  private static FileRequest request(FileOperation operation, String path) {
    FileRequest request = new FileRequest().begin(operation, "v", path);
    request.newId = 99;
    return request;
  }

  private static long ask(RpcConnection connection, FileRequest request) {
    CallResult result = connection.call(FileReplyDecoder.TEMPLATE_ID, request, PATIENCE_NS);
    if (!(result instanceof CallResult.Reply(Message message))) {
      throw new AssertionError(request.operation + " " + request.path + ": " + result.failure());
    }
    FileAnswer answer = new FileAnswer();
    answer.decode(message);
    return answer.result;
  }

  private void othersAreServed() throws FabricException {
    NodeIdentity self = new NodeIdentity(0, NodeRole.CONTROL, "other");
    try (FileClient other =
        FileClient.connect(fabric, component::address, SECRET, self, FileClientConfig.DEFAULT)) {
      Volume volume = other.volume("v");
      assertEquals(0, volume.lookup("/f", 7, new FileAttributes()));
    }
  }

  @Test
  void shouldRefusePathsThatAreNone() throws Exception {
    List<String> bad =
        List.of(
            "",
            "f",
            "//f",
            "/f/",
            "/./f",
            "/../f",
            "/a/../../f",
            "/f\0g",
            "/" + "x".repeat(256),
            "/x".repeat(2048));
    try (RpcConnection hostile = connect()) {
      for (FileOperation operation : WITH_PATH) {
        for (String path : bad) {
          long result = ask(hostile, request(operation, path));
          boolean clear = result == -Errno.EINVAL || result == -Errno.ENAMETOOLONG;
          assertTrue(clear, () -> operation + " of " + path.length() + " characters: " + result);
        }
      }
      for (FileOperation operation : List.of(FileOperation.LINK, FileOperation.RENAME)) {
        for (String path : bad) {
          FileRequest request = request(operation, "/f");
          request.other = path;
          long result = ask(hostile, request);
          boolean clear = result == -Errno.EINVAL || result == -Errno.ENAMETOOLONG;
          assertTrue(clear, () -> operation + " to " + path.length() + " characters: " + result);
        }
      }
    }
    othersAreServed();
  }

  @Test
  void shouldRefuseNumbersThatMakeNoSense() throws Exception {
    long[] absurd = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 62};
    try (RpcConnection hostile = connect()) {
      for (long number : absurd) {
        FileRequest read = request(FileOperation.READ, "/f");
        read.lengthBytes = number;
        assertEquals(-Errno.EINVAL, ask(hostile, read), "length " + number);
        FileRequest allocate = request(FileOperation.ALLOCATE, "/f");
        allocate.lengthBytes = number;
        long allocated = ask(hostile, allocate);
        assertTrue(allocated == (number < 0 ? -Errno.EINVAL : -Errno.EFBIG), "space " + number);
        FileRequest write = request(FileOperation.WRITE, "/f");
        write.offset = number;
        write.content.wrap(new byte[1]);
        assertEquals(number < 0 ? -Errno.EINVAL : -Errno.EFBIG, ask(hostile, write), "" + number);
        FileRequest list = request(FileOperation.READ_DIRECTORY, "/");
        list.offset = number;
        assertTrue(ask(hostile, list) <= 1, "cookie " + number);
        FileRequest handle = request(FileOperation.READ, "/nothing");
        handle.fileId = number;
        assertEquals(-Errno.ESTALE, ask(hostile, handle), "id " + number);
        FileRequest change = request(FileOperation.CHANGE, "/f");
        change.flags = (int) number | -1;
        change.lengthBytes = number;
        change.accessedNs = number;
        change.modifiedNs = number;
        assertTrue(ask(hostile, change) < 0, "change " + number);
        FileRequest epoch = request(FileOperation.LOOKUP, "/f");
        epoch.epoch = Math.min(number, -1);
        assertEquals(-Errno.EINVAL, ask(hostile, epoch), "epoch " + number);
      }
      FileRequest read = request(FileOperation.READ, "/f");
      read.offset = -1;
      read.lengthBytes = 1;
      assertEquals(-Errno.EINVAL, ask(hostile, read));
      FileRequest name = request(FileOperation.SET_XATTR, "/f");
      name.other = "user." + "x".repeat(300);
      assertTrue(ask(hostile, name) < 0);
      FileRequest value = request(FileOperation.SET_XATTR, "/f");
      value.other = "user.a";
      value.content.wrap(new byte[60_000]);
      assertEquals(-Errno.E2BIG, ask(hostile, value));
      FileRequest volume = new FileRequest().begin(FileOperation.LOOKUP, "x".repeat(300), "/");
      assertEquals(-Errno.ENXIO, ask(hostile, volume));
      FileRequest made = new FileRequest().begin(FileOperation.MAKE_VOLUME, "../w", "");
      assertEquals(-Errno.EINVAL, ask(hostile, made));
    }
    othersAreServed();
  }

  /** Sends as many transfers as a client may; they are never answered well. */
  private static List<Future<CallResult>> transfers(
      ExecutorService threads, RpcConnection connection, FileOperation operation) {
    List<Future<CallResult>> calls = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      FileRequest request = request(operation, "/f");
      request.lengthBytes = 1 << 20;
      request.remoteAddress = 0x1000L * (i + 1);
      request.rkey = 0x5a5a5a5a + i;
      calls.add(
          threads.submit(
              () -> connection.call(FileReplyDecoder.TEMPLATE_ID, request, PATIENCE_NS)));
    }
    return calls;
  }

  @Test
  void shouldKeepNoWorkerForClientsWithoutAConnectionForTransfers() throws Exception {
    List<Future<CallResult>> calls = new ArrayList<>();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      try (RpcConnection first = connect();
          RpcConnection second = connect();
          RpcConnection third = connect()) {
        for (RpcConnection each : List.of(first, second, third)) {
          calls.addAll(transfers(threads, each, FileOperation.WRITE));
        }
        othersAreServed(); // though the calls wait for ever
        assertTrue(calls.stream().noneMatch(Future::isDone), "a call did not wait");
      }
      expectNoReply(calls);
    }
    othersAreServed();
  }

  @Test
  void shouldGiveUpAClientWithoutAConnectionForTransfers() throws Exception {
    component.close();
    component = start(TRANSFER_NS);
    clients = 0;
    try (ExecutorService threads = Executors.newCachedThreadPool();
        RpcConnection hostile = connect()) {
      expectNoReply(transfers(threads, hostile, FileOperation.WRITE));
    }
    othersAreServed();
  }

  private static void expectNoReply(List<Future<CallResult>> calls) throws Exception {
    for (Future<CallResult> call : calls) {
      CallResult result = call.get(30, TimeUnit.SECONDS);
      assertTrue(!(result instanceof CallResult.Reply), result::toString);
    }
  }

  /** What the server would move bytes by, with a buffer that nobody may reach. */
  private final class Transfers implements AutoCloseable {
    private final ProtectionDomain domain;
    private final CompletionQueue queue;
    private final Connection data;

    Transfers(Handshake handshake) throws FabricException {
      domain = fabric.allocateProtectionDomain();
      queue = fabric.createCompletionQueue(8);
      int remote = Access.REMOTE_READ | Access.REMOTE_WRITE;
      data =
          fabric.connect(
              component.address(),
              new ConnectionConfig(domain, queue, queue, 4, 4, remote, PATIENCE_NS),
              new ConnectionPreamble(
                      ConnectionPreamble.Kind.FILES,
                      clients,
                      handshake.tokenHigh(),
                      handshake.tokenLow())
                  .encode(),
              PATIENCE_NS);
    }

    @Override
    public void close() {
      data.close();
      queue.close();
      domain.close();
    }
  }

  @Test
  void shouldEndAClientWhoseKeysAreNoneAndServeOthers() throws Exception {
    for (FileOperation operation : List.of(FileOperation.WRITE, FileOperation.READ)) {
      try (ExecutorService threads = Executors.newCachedThreadPool();
          RpcConnection hostile = connect();
          Transfers transfers = new Transfers(handshake)) {
        FileRequest content = request(FileOperation.WRITE, "/f");
        content.content.wrap(new byte[10]);
        assertEquals(10, ask(hostile, content));
        expectNoReply(transfers(threads, hostile, operation));
        assertTrue(transfers.data.state() != Connection.State.CONNECTED, "still connected");
      }
      othersAreServed();
    }
  }
}

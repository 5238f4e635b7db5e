package io.splitkernel.launcher.command;

import io.splitkernel.ffi.IoUring;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.MachineDefaults;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.launcher.settings.Size;
import io.splitkernel.protocol.files.server.FileServerConfig;
import io.splitkernel.protocol.rpc.RpcSettings;
import io.splitkernel.scomponent.store.StoreSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** How much a component does for its clients at once, and the memory that this takes at most. */
final class ServingOptions {

  /** As many as the tables of the shared-memory fabric take, two completion queues for each. */
  private static final int CLIENTS_MOST = 480;

  private static final int SECONDS_MAX = 86_400;
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long FILE_QUEUE_MOST = 1L << 40;

  /** Of one client in shared memory: sockets, memory, events, and what its reads wait with. */
  private static final int CLIENT_DESCRIPTORS = 11;

  /** The JVM's, the store's, and those of files that are just being looked at. */
  private static final int OTHER_DESCRIPTORS = 256;

  /** A part of the heap is for everything else. */
  private static final int HEAP_PERCENT = 75;

  @Option(
      names = "--clients-max",
      paramLabel = "N",
      description =
          "Connections at once; default 128, fewer with less than 6 GiB of RAM. Each has 5.5 MiB of it.")
  private String clientsMax;

  /**
   * Checked limits.
   *
   * @param rpc of connections.
   * @param files of operations on files.
   * @param store of open files.
   */
  record Limits(RpcSettings rpc, FileServerConfig files, StoreSettings store) {
    /** Memory for clients off the heap, at most. */
    long bytes() {
      long each = rpc.connectionBytes() + files.inlineBytesMax();
      return rpc.connectionsMax() * each + files.bufferBytes();
    }

    /** Descriptors for clients and the files of one volume, at most. */
    long descriptors() {
      return (long) rpc.connectionsMax() * CLIENT_DESCRIPTORS
          + store.openFilesMax()
          + files.workers()
          + OTHER_DESCRIPTORS;
    }

    /** Heap for clients, at most. */
    long heapBytes() {
      long each = rpc.connectionHeapBytes() + files.fetchesHeapBytes();
      return rpc.connectionsMax() * each + files.queuedBytesMax();
    }
  }

  Settings apply(Settings settings) {
    return settings.withFlag(Setting.CLIENTS_MAX, clientsMax);
  }

  /**
   * The limits that the settings give.
   *
   * @param settings resolved.
   * @param machine this one.
   * @return limits that this machine and this JVM have the memory for.
   * @throws LegoFailure in one line when a value is out of its range, or all do not fit.
   */
  static Limits limits(Settings settings, MachineDefaults machine) throws LegoFailure {
    int clients = settings.number(Setting.CLIENTS_MAX, 1, CLIENTS_MOST);
    Limits limits =
        new Limits(
            RpcSettings.DEFAULT.withConnectionsMax(clients), files(settings), store(settings));
    checkMemory(settings, limits, machine.ramBytes());
    checkDescriptors(settings, limits, DescriptorLimit.raise());
    // a logger that is made with the command line would log to the stderr of programs
    Logger log = LoggerFactory.getLogger(ServingOptions.class);
    log.info(
        "at most {} clients: {} of memory and {} of heap",
        clients,
        Size.rounded(limits.bytes()),
        Size.rounded(limits.heapBytes()));
    return limits;
  }

  private static StoreSettings store(Settings settings) throws LegoFailure {
    boolean none = settings.get(Setting.FILE_READ_AHEAD).value().equals("0");
    return new StoreSettings(
        settings.number(Setting.OPEN_FILES, 1, StoreSettings.OPEN_FILES_MAX),
        none
            ? 0
            : settings.size(
                Setting.FILE_READ_AHEAD, 1, StoreSettings.READ_AHEAD_BYTES_MAX, "allowed"));
  }

  private static FileServerConfig files(Settings settings) throws LegoFailure {
    return new FileServerConfig(
        settings.number(Setting.FILE_WORKERS, 1, FileServerConfig.WORKERS_MAX),
        settings.size(
            Setting.FILE_QUEUE, FileServerConfig.QUEUED_BYTES_LEAST, FILE_QUEUE_MOST, "allowed"),
        (int)
            settings.size(
                Setting.FILE_INLINE,
                FileServerConfig.INLINE_BYTES_LEAST,
                FileServerConfig.INLINE_BYTES_MOST,
                "allowed"),
        settings.number(Setting.FILE_FETCHES, 0, IoUring.ENTRIES_MAX),
        settings.number(Setting.FILE_DRAIN, 1, SECONDS_MAX) * SECOND_NS,
        settings.number(Setting.FILE_TRANSFER, 1, SECONDS_MAX) * SECOND_NS);
  }

  private static void checkMemory(Settings settings, Limits limits, long ramBytes)
      throws LegoFailure {
    long bytes = limits.bytes() + limits.heapBytes();
    if (bytes > ramBytes) {
      throw settings.wrong(
          Setting.CLIENTS_MAX,
          "with file-workers and file-queue that takes "
              + Size.rounded(bytes)
              + ", and this machine has "
              + Size.rounded(ramBytes),
          null);
    }
    long heap = Runtime.getRuntime().maxMemory() / 100 * HEAP_PERCENT;
    if (limits.heapBytes() > heap) {
      throw settings.wrong(
          Setting.CLIENTS_MAX,
          "with file-queue that takes "
              + Size.rounded(limits.heapBytes())
              + " of heap, and there are "
              + Size.rounded(heap)
              + " for it; lower one of them, or raise -Xmx",
          null);
    }
  }

  static void checkDescriptors(Settings settings, Limits limits, long allowed) throws LegoFailure {
    if (limits.descriptors() > allowed) {
      throw settings.wrong(
          Setting.CLIENTS_MAX,
          "with open-files that takes "
              + limits.descriptors()
              + " descriptors, and this process may have "
              + allowed
              + "; lower one of them, or raise ulimit -Hn",
          null);
    }
  }
}

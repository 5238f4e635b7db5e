package io.splitkernel.launcher.settings;

import java.util.Locale;

/** Everything that can be set, by the name that the configuration file uses. */
public enum Setting {
  /** Local DRAM for a program's pages. */
  CACHE("cache", "local DRAM for the pages of a program and its children; default 25% of memory"),
  /** Remote memory of one run. */
  MEMORY("memory", "remote memory for a run; default half of this machine's RAM"),
  /** Which provider moves the bytes. */
  FABRIC("fabric", "auto, verbs or shm"),
  /** RDMA device. */
  DEVICE("device", "RDMA device for verbs; empty takes the first that is up"),
  /** RoCE GID. */
  GID_INDEX("gid-index", "GID of the device for verbs; empty takes the one of its IP address"),
  /** A running cluster. */
  MONITOR("monitor", "HOST:PORT of the cluster's monitor; empty runs an embedded cluster"),
  /** Where the cluster's secret is. */
  SECRET_FILE("secret-file", "file with the cluster's shared secret, mode 600"),
  /** Memory that one memory component lends. */
  MCOMPONENT_MEMORY("mcomponent-memory", "memory that a memory component lends; default half RAM"),
  /** Memory for files. */
  FILE_CACHE(
      "file-cache", "memory in which a memory component caches files of volumes; 0 for none"),
  /** Where a storage component keeps files. */
  STORE("store", "directory in which a storage component keeps its files"),
  /** Open files of a store. */
  OPEN_FILES(
      "open-files", "files of each volume that a storage component keeps open, 1 to 1000000"),
  /** Readahead of a store. */
  FILE_READ_AHEAD(
      "file-read-ahead",
      "how far a storage component's disk reads ahead of long reads that follow each other, 0 to 64m"),
  /** Connections of a component. */
  CLIENTS_MAX(
      "clients-max",
      "connections of a storage or memory component at once, 1 to 480; 5.5m of memory for each"),
  /** Workers of a file server. */
  FILE_WORKERS(
      "file-workers", "operations on files that a component carries out at once, 1 to 1024"),
  /** Waiting operations of a file server. */
  FILE_QUEUE("file-queue", "memory of a component for operations on files that wait, from 64k"),
  /** What travels in messages. */
  FILE_INLINE(
      "file-inline", "bytes of a read or write of a file that travel in the message, 4k to 32k"),
  /** Reads without a worker. */
  FILE_FETCHES(
      "file-fetches",
      "small reads of a client that wait for the device without a worker, 0 to 4096"),
  /** End of a client's earlier operations. */
  FILE_DRAIN(
      "file-drain",
      "seconds that a client which comes back waits for its earlier operations, 1 to 86400"),
  /** Deadline of transfers. */
  FILE_TRANSFER(
      "file-transfer",
      "seconds after which a component gives up a transfer with a client, 1 to 86400"),
  /** Patience with a component that is away. */
  RETRY("retry", "seconds that operations on files wait for a component that is away"),
  /** vRegion length. */
  VREGION("vregion", "size of a vRegion, the unit of placement; a power of two"),
  /** Extent length. */
  EXTENT("extent", "size of an extent, the unit of allocation in a memory component"),
  /** Read-ahead. */
  PREFETCH("prefetch", "most pages read ahead of a stream of remote reads, 0 (off) to 32"),
  /** Zero-fill ahead. */
  ZERO_FILL("zero-fill", "most pages filled ahead of a stream of first touches, 1 (off) to 64"),
  /** Busy polling. */
  POLL_US("poll-us", "longest busy wait for the next fault, in microseconds, 0 (off) to 1000"),
  /** Victims. */
  VICTIM_PERCENT("victim-percent", "share of the cache for victims and transfers, 10 to 75"),
  /** Eviction batch. */
  EVICTION_BATCH("eviction-batch", "pages of one eviction, 1 to 64"),
  /** Patience with a new cluster. */
  START_GRACE("start-grace", "seconds that components of a new cluster have to start, 1 to 86400"),
  /** Patience of a fault. */
  STARVATION(
      "starvation",
      "seconds until a fault without room ends its program, 1 to 86400; default start-grace + 10"),
  /** Where {@code up} keeps its state. */
  STATE_DIR("state-dir", "where 'lego up' keeps its secret, process ids and logs"),
  /** Where {@code run} logs. */
  LOG_FILE("log-file", "log file of 'lego run'; empty logs nothing"),
  /** Privilege of ordinary users. */
  USERFAULTFD_HELPER(
      "userfaultfd-helper",
      "program by which users other than root get page faults; see 'lego grant'");

  private final String key;
  private final String meaning;

  Setting(String key, String meaning) {
    this.key = key;
    this.meaning = meaning;
  }

  /**
   * The name in the configuration file, and of the flag where there is one.
   *
   * @return lower case with hyphens.
   */
  public String key() {
    return key;
  }

  /**
   * The environment variable.
   *
   * @return for example {@code LEGO_CACHE}.
   */
  public String variable() {
    return "LEGO_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /**
   * What it is, in one line.
   *
   * @return for people.
   */
  public String meaning() {
    return meaning;
  }
}

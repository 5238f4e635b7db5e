package io.splitkernel.protocol.files.server;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.IoUring;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.rpc.ConnectionWork;
import io.splitkernel.protocol.rpc.Message;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Small reads of one client that wait for the device, which keep no thread waiting: an io_uring has
 * the file system bring their blocks into memory, and then they are tried again, under all checks.
 * What it reads itself goes nowhere. Of one connection, its thread only.
 */
final class FetchedReads implements ConnectionWork {
  /** Never freed: the kernel may write there until the last ring is gone. */
  private static final MemorySegment NOWHERE =
      Arena.global().allocate(FileServerConfig.INLINE_BYTES_MOST, Volume.BLOCK_BYTES);

  /** Longer requests are for workers, so that clients with long paths do not fill the heap. */
  static final int MESSAGE_BYTES_MAX = 512;

  /** What becomes of reads whose blocks are there now. */
  interface Sequel {
    /**
     * Called on the connection's thread.
     *
     * @param attempts how often something was fetched for it.
     */
    void onFetched(Message message, int attempts);
  }

  private final Sequel sequel;
  private final Volume.Fetcher fetcher = this::start;
  private final Message[] waiting;
  private final int[] attempts;
  private final int[] free;
  private int freeCount;
  private boolean refused = true; // until somebody looks after it
  private IoUring ring;

  /**
   * @param readsMax under way at once; 0 for none.
   * @param sequel called on the connection's thread.
   */
  FetchedReads(int readsMax, Sequel sequel) {
    this.sequel = sequel;
    this.waiting = new Message[readsMax];
    this.attempts = new int[readsMax];
    this.free = new int[readsMax];
    for (int i = 0; i < readsMax; i++) {
      free[i] = i;
    }
    this.freeCount = readsMax;
  }

  /** The connection waits for this too, from now on. */
  ConnectionWork begin() {
    refused = waiting.length == 0;
    return this;
  }

  /**
   * Starts to fetch what a read wants.
   *
   * @param volume that has the file.
   * @param id of the file.
   * @param offset of the read.
   * @param lengthBytes of the read.
   * @param attempt how often that was done for this read before.
   * @param message the read; copied when it is taken.
   * @return false when it has to be carried out in another way.
   */
  boolean take(Volume volume, long id, long offset, int lengthBytes, int attempt, Message message) {
    if (refused
        || freeCount == 0
        || message.buffer().capacity() > MESSAGE_BYTES_MAX
        || !volume.fetch(id, offset, lengthBytes, attempt, fetcher)) {
      return false;
    }
    int slot = free[--freeCount];
    waiting[slot] = message.copy();
    attempts[slot] = attempt + 1;
    return true;
  }

  private boolean start(int fd, long offset, int lengthBytes) {
    if (ring == null && (ring = IoUring.open(waiting.length)) == null) {
      refused = true;
      return false;
    }
    return ring.read(fd, offset, NOWHERE.address(), lengthBytes, free[freeCount - 1]);
  }

  @Override
  public boolean isPending() {
    return freeCount < waiting.length;
  }

  @Override
  public int descriptor() {
    return ring.descriptor();
  }

  @Override
  public boolean run() {
    ring.work();
    boolean some = false;
    while (ring.next()) {
      int slot = (int) ring.token();
      Message message = waiting[slot];
      waiting[slot] = null;
      free[freeCount++] = slot;
      some = true;
      refused |= isUseless(ring.result());
      sequel.onFetched(message, attempts[slot]);
    }
    return some;
  }

  /** The file system would make each read wait, or cannot do it so. */
  private static boolean isUseless(int result) {
    return result == -Errno.EAGAIN || result == -Errno.EOPNOTSUPP || result == -Errno.EINVAL;
  }

  /** The connection has ended; how many reads have no answer. */
  int close() {
    if (ring != null) {
      ring.close();
      ring = null;
    }
    refused = true;
    int left = waiting.length - freeCount;
    freeCount = waiting.length;
    return left;
  }
}

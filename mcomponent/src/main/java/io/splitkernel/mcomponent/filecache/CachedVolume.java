package io.splitkernel.mcomponent.filecache;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.ByteSink;
import io.splitkernel.protocol.files.DirectorySink;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A volume whose files are cached in memory. Written bytes go to the upstream volume later, or with
 * {@link #sync}; names, attributes and lengths that are set go there at once. It has to be the only
 * one through which the upstream volume is changed. Any thread.
 *
 * <p><b>Durability.</b> What was synced is upstream, and synced there. An error of a write-back in
 * the background is told to the file's next sync, once; the bytes stay and are tried again. When
 * the upstream volume's sync answers EIO because it has lost something, what is still here is sent
 * again, and the error is passed on only when that is not all of it.
 *
 * <p><b>Space.</b> Bytes wait here only while the upstream volume has room for all of them. After a
 * write that was refused there, all writes go through until one succeeds; so does the first one.
 *
 * <p><b>Ownership.</b> When the upstream volume answers ESTALE because another one has taken it,
 * everything cached is dropped. The next sync of a file with unsynced bytes answers EIO, once;
 * anything else answers ESTALE until {@link #regained}.
 *
 * <p><b>Times.</b> The time of modification is that of the write, by this machine's clock. Cached
 * reads do not change the time of last access.
 */
public final class CachedVolume implements Volume {
  private static final Logger LOG = LoggerFactory.getLogger(CachedVolume.class);

  /** Least memory: room for chunks beside the transfer buffers. */
  private static final long CHUNKS_BYTES_MIN = 4L << 20;

  private static final long JOIN_MS = 60_000;

  private final Core core;
  private final FileReads reads;
  private final FileWrites writes;
  private final WriteBack writeBack;
  private final Syncs syncs;
  private final SizeChanges sizes;
  private final TreeChanges tree;
  private final Renames renames;
  private final Thread writer;
  private boolean closed;

  private CachedVolume(Core core) {
    this.core = core;
    reads = new FileReads(core);
    writeBack = new WriteBack(core);
    writes = new FileWrites(core, reads, writeBack);
    syncs = new Syncs(core, writeBack);
    sizes = new SizeChanges(core, writeBack);
    tree = new TreeChanges(core, writeBack, sizes);
    renames = new Renames(core, writeBack);
    writer = new Thread(this::writeBackUntilClosed, "lego-file-cache");
    writer.setDaemon(true);
  }

  /**
   * Opens a cache.
   *
   * @param upstream volume, which stays the caller's.
   * @param ownership tells whether the volume is still ours.
   * @param memory for blocks and transfers, at least {@link #memoryBytesMin}; stays the caller's
   *     and must be there until {@link #close}.
   * @param settings limits.
   * @return the volume.
   */
  public static CachedVolume open(
      Volume upstream, Ownership ownership, MemorySegment memory, FileCacheSettings settings) {
    if (memory.byteSize() < memoryBytesMin(settings)) {
      throw new IllegalArgumentException(
          "a file cache of "
              + memory.byteSize()
              + " bytes is less than "
              + memoryBytesMin(settings));
    }
    CachedVolume volume = new CachedVolume(new Core(upstream, ownership, memory, settings));
    volume.writer.start();
    return volume;
  }

  /**
   * The least memory that a cache can work with.
   *
   * @param settings its limits.
   * @return bytes.
   */
  public static long memoryBytesMin(FileCacheSettings settings) {
    return CHUNKS_BYTES_MIN + (long) settings.transferBuffers() * TransferBuffers.BYTES;
  }

  /** Another one has taken the volume: drops everything. */
  public void lose() {
    core.lose();
  }

  /** The volume is ours again, by a new epoch: begins anew, with nothing cached. */
  public void regained() {
    core.upstream.lost(false);
  }

  /**
   * The upstream volume has begun anew and may have lost what it had not synced: that is sent
   * again, as far as it is still here.
   */
  public void upstreamRestarted() {
    for (CachedFile file : core.table.all()) {
      syncs.resend(file);
    }
    core.queue.wake();
  }

  /** Bytes of memory that hold cached chunks. */
  public long cachedBytes() {
    return (long) core.chunks.used() << ChunkCache.CHUNK_SHIFT;
  }

  /** Bytes of chunks with something unwritten. */
  public long dirtyBytes() {
    return (long) core.budget.used() << ChunkCache.CHUNK_SHIFT;
  }

  /** Reads that were answered from memory alone. */
  public long hits() {
    return core.hits.sum();
  }

  /** Reads that had to ask upstream. */
  public long misses() {
    return core.misses.sum();
  }

  @Override
  public int lookup(String path, long id, FileAttributes out) {
    return tree.lookup(path, id, out);
  }

  @Override
  public int create(
      String path, long newId, int flags, int mode, int uid, int gid, FileAttributes out) {
    return tree.create(path, newId, flags, mode, uid, gid, out);
  }

  @Override
  public int makeDirectory(
      String path, long newId, int mode, int uid, int gid, FileAttributes out) {
    return core.upstream.makeDirectory(path, newId, mode, uid, gid, out);
  }

  @Override
  public int makeSymlink(String path, String target, int uid, int gid, FileAttributes out) {
    return core.upstream.makeSymlink(path, target, uid, gid, out);
  }

  @Override
  public int makeNode(
      String path, long newId, int mode, long device, int uid, int gid, FileAttributes out) {
    return core.upstream.makeNode(path, newId, mode, device, uid, gid, out);
  }

  @Override
  public int link(String path, long id, String target, FileAttributes out) {
    return tree.link(path, id, target, out);
  }

  @Override
  public int unlink(String path, long id, boolean retry) {
    return tree.unlink(path, id, retry);
  }

  @Override
  public int removeDirectory(String path, long id, boolean retry) {
    return core.upstream.removeDirectory(path, id, retry);
  }

  @Override
  public int rename(String path, long id, String target, int flags, boolean retry) {
    return renames.rename(path, id, target, flags, retry);
  }

  @Override
  public int readLink(String path, ByteSink out) {
    return core.upstream.readLink(path, out);
  }

  @Override
  public int change(String path, long id, AttributeChange change, FileAttributes out) {
    return sizes.change(path, id, change, out);
  }

  @Override
  public int readDirectory(String path, long cookie, DirectorySink out) {
    return core.upstream.readDirectory(path, cookie, out);
  }

  @Override
  public int read(String path, long id, long offset, MemorySegment into) {
    return reads.read(path, id, offset, into);
  }

  @Override
  public int write(String path, long id, long offset, MemorySegment from) {
    return writes.write(path, id, offset, from);
  }

  @Override
  public int sync(String path, long id, boolean dataOnly) {
    return syncs.sync(path, id, dataOnly);
  }

  @Override
  public int allocate(String path, long id, int flags, long offset, long lengthBytes) {
    return sizes.allocate(path, id, flags, offset, lengthBytes);
  }

  @Override
  public int getXattr(String path, String name, ByteSink out) {
    return core.upstream.getXattr(path, name, out);
  }

  @Override
  public int setXattr(String path, String name, byte[] value, int flags) {
    return core.upstream.setXattr(path, name, value, flags);
  }

  @Override
  public int listXattrs(String path, ByteSink out) {
    return core.upstream.listXattrs(path, out);
  }

  @Override
  public int removeXattr(String path, String name) {
    return core.upstream.removeXattr(path, name);
  }

  /** As upstream, less what still waits here. */
  @Override
  public int space(VolumeSpace out) {
    int result = core.upstream.space(out);
    if (result == 0) {
      out.freeBytes = Math.max(0, out.freeBytes - core.space.waiting());
    }
    return result;
  }

  /**
   * Writes back what can be written, then drops everything. Everything answers ESTALE afterwards.
   *
   * @return whether nothing was left; false when something could not be written, or was dropped
   *     earlier without having been synced.
   */
  public boolean finish() {
    synchronized (this) {
      if (closed) {
        return true;
      }
      closed = true;
    }
    core.queue.close();
    try {
      writer.join(JOIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    boolean all = true;
    for (CachedFile file : core.table.all()) {
      int result = writeBack.flush(file);
      all &= result == 0 || (result == -Errno.ESTALE && !core.upstream.lost());
      all &= writeBack.pushTimes(file) == 0;
    }
    all &= !core.dropped;
    core.lose();
    return all;
  }

  @Override
  public void close() {
    boolean all = finish();
    if (!all) {
      LOG.warn("A file cache was closed with bytes that upstream did not take");
    }
  }

  private void writeBackUntilClosed() {
    for (CachedFile file = core.queue.take(); file != null; file = core.queue.take()) {
      writeBack.background(file);
    }
  }
}

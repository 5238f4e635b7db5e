package io.splitkernel.protocol.files;

import io.splitkernel.ffi.Errno;
import java.lang.foreign.MemorySegment;

/**
 * A tree of files, POSIX-shaped and stateless: every operation names the full path, data operations
 * the absolute offset, and nothing is open between two of them.
 *
 * <p><b>Paths</b> begin with {@code /}, have no empty, {@code .} or {@code ..} component, no NUL,
 * components of 1 to 255 bytes and at most 4,095 bytes in all (UTF-8); anything else is EINVAL or
 * ENAMETOOLONG. A symbolic link is never followed: as the last component it is meant itself, before
 * that it is ELOOP. Clients resolve links.
 *
 * <p><b>Ids.</b> A file or directory has an id, not 0, which is never used again; whoever creates
 * it chooses one at random. An operation on an existing file may name the id that it means: if the
 * path leads to another file, or to none, the file is found by its id where the volume can, else
 * the answer is ESTALE. 0 means whatever is at the path.
 *
 * <p><b>Idempotent.</b> An operation that is carried out twice in a row, because its answer was
 * lost, answers the second time as the first: a creation whose id is there already succeeds; a
 * removal that names an id succeeds as {@code retry} when the path no longer leads to it; a rename
 * or link succeeds when its target has the id already.
 *
 * <p><b>Errors.</b> Every method returns 0 or a count, or a negative error number of {@link
 * io.splitkernel.ffi.Errno}. EIO is used for content that does not pass its checksum: wrong bytes
 * are never returned. ENOSPC and EDQUOT leave a file as it was, or shortened the write to whole
 * blocks, which the count says.
 *
 * <p>Methods may be called by any number of threads. Operations on one file are atomic in relation
 * to each other, as POSIX wants it for read and write.
 */
public interface Volume extends AutoCloseable {
  /** Granularity of checksums and caches, bytes. */
  int BLOCK_BYTES = 4096;

  /** Longest path, bytes without a NUL. */
  int PATH_BYTES_MAX = 4095;

  /** In the root, for files that mounts keep though they are removed; nobody is shown it. */
  String HIDDEN_DIRECTORY = ".lego-hidden";

  /** Longest component of a path, bytes. */
  int NAME_BYTES_MAX = 255;

  /** Longest read or write, bytes. */
  int TRANSFER_BYTES_MAX = 1 << 20;

  /** Longest value of an extended attribute, bytes. */
  int XATTR_BYTES_MAX = 32_768;

  /** Flag of {@link #rename}: fail when the target exists. Value of RENAME_NOREPLACE. */
  int RENAME_NOREPLACE = 1;

  /** Flag of {@link #rename}: exchange both. Value of RENAME_EXCHANGE. */
  int RENAME_EXCHANGE = 2;

  /** Flag of {@link #create}: fail when the path exists with another id. Value of O_EXCL. */
  int CREATE_EXCLUSIVE = 0x80;

  /** Flag of {@link #create}: cut an existing file to nothing. Value of O_TRUNC. */
  int CREATE_TRUNCATE = 0x200;

  /** Flags of {@link #setXattr}; values of XATTR_CREATE and XATTR_REPLACE. */
  int XATTR_CREATE = 1;

  int XATTR_REPLACE = 2;

  /** Flags of {@link #allocate}; values of FALLOC_FL_KEEP_SIZE and FALLOC_FL_PUNCH_HOLE. */
  int ALLOCATE_KEEP_SIZE = 1;

  int ALLOCATE_PUNCH_HOLE = 2;

  /**
   * Attributes of what is at a path.
   *
   * @param path of it.
   * @param id expected, or 0.
   * @param out filled in when the result is 0.
   * @return 0, -ENOENT, -ENOTDIR, -ELOOP, -ESTALE …
   */
  int lookup(String path, long id, FileAttributes out);

  /**
   * Creates a regular file, or finds the one that is there.
   *
   * @param path of it.
   * @param newId of the file if it is created.
   * @param flags {@link #CREATE_EXCLUSIVE}, {@link #CREATE_TRUNCATE}.
   * @param mode permission bits, 0 to 07777, taken as they are.
   * @param uid owner.
   * @param gid group.
   * @param out attributes of the file that is there now.
   * @return 0, -EEXIST, -EISDIR, -ENOENT, -ENOSPC …
   */
  int create(String path, long newId, int flags, int mode, int uid, int gid, FileAttributes out);

  /** As {@link #create}, a directory; -EEXIST when there is anything else than one of that id. */
  int makeDirectory(String path, long newId, int mode, int uid, int gid, FileAttributes out);

  /** As {@link #create}, a symbolic link; succeeds when there is one with that target already. */
  int makeSymlink(String path, String target, int uid, int gid, FileAttributes out);

  /**
   * As {@link #create}, a FIFO, socket or device, which is a name and attributes only.
   *
   * @param mode with the file type (S_IFIFO …).
   * @param device number, for devices.
   */
  int makeNode(
      String path, long newId, int mode, long device, int uid, int gid, FileAttributes out);

  /**
   * A further name for a regular file.
   *
   * @param path of the file.
   * @param id expected, or 0.
   * @param target further path.
   * @param out attributes afterwards.
   * @return 0, -EEXIST, -EPERM for a directory …
   */
  int link(String path, long id, String target, FileAttributes out);

  /**
   * Removes a name that is no directory.
   *
   * @param path to remove.
   * @param id expected, or 0.
   * @param retry whether an earlier attempt may have succeeded.
   * @return 0, -ENOENT, -EISDIR, -ESTALE …
   */
  int unlink(String path, long id, boolean retry);

  /** As {@link #unlink}, an empty directory; -ENOTEMPTY, -ENOTDIR. */
  int removeDirectory(String path, long id, boolean retry);

  /**
   * Renames, atomically replacing what is at the target.
   *
   * @param path old.
   * @param id expected there, or 0.
   * @param target new.
   * @param flags 0, {@link #RENAME_NOREPLACE} or {@link #RENAME_EXCHANGE}.
   * @param retry whether an earlier attempt may have succeeded.
   * @return 0, -ENOENT, -EEXIST, -ENOTEMPTY, -EISDIR, -ENOTDIR, -EINVAL …
   */
  int rename(String path, long id, String target, int flags, boolean retry);

  /**
   * Target of a symbolic link.
   *
   * @param path of it.
   * @param out gets the target's bytes.
   * @return number of bytes, -EINVAL when it is no link …
   */
  int readLink(String path, ByteSink out);

  /**
   * Changes attributes, the length among them, all or none.
   *
   * @param path of the file.
   * @param id expected, or 0.
   * @param change what to change.
   * @param out attributes afterwards.
   * @return 0, -EISDIR for the length of a directory, -EFBIG, -EDQUOT, -EPERM …
   */
  int change(String path, long id, AttributeChange change, FileAttributes out);

  /**
   * Some entries of a directory, without {@code .} and {@code ..}. Entries that are there from the
   * first to the last call are told exactly once.
   *
   * @param path of the directory.
   * @param cookie 0 for the first call, then that of the last entry of the call before.
   * @param out is offered entries until it takes no more.
   * @return number of entries taken; 0 at the end; -ENOTDIR …
   */
  int readDirectory(String path, long cookie, DirectorySink out);

  /**
   * Reads.
   *
   * @param path of a regular file.
   * @param id expected, or 0.
   * @param offset absolute, not negative.
   * @param into as much as is wanted, up to {@link #TRANSFER_BYTES_MAX}, native memory.
   * @return bytes read, fewer only at the end of the file; -EIO, -EISDIR, -EINVAL …
   */
  int read(String path, long id, long offset, MemorySegment into);

  /**
   * As {@link #read}, as far as no device, other machine or operation under way has to be waited
   * for.
   *
   * @param path of a regular file.
   * @param id expected, or 0.
   * @param offset absolute, not negative.
   * @param into as much as is wanted.
   * @return as many bytes as are wanted, or -EAGAIN: {@link #read} will tell, whatever it is.
   */
  default int readNow(String path, long id, long offset, MemorySegment into) {
    return -Errno.EAGAIN;
  }

  /** Starts to read a file of this machine, for {@link #fetch}. */
  @FunctionalInterface
  interface Fetcher {
    /**
     * Starts a read whose bytes nobody wants.
     *
     * @param fd may be closed as soon as this returns.
     * @param offset in the file.
     * @param lengthBytes to read.
     * @return false when it cannot be started now.
     */
    boolean fetch(int fd, long offset, int lengthBytes);
  }

  /**
   * Starts to bring into memory what {@link #readNow} did not find there; does not wait for it.
   *
   * @param id expected, not 0.
   * @param offset absolute, not negative.
   * @param lengthBytes wanted.
   * @param attempt how often this was called for the same read before, from 0: what is needed may
   *     lie in several places.
   * @param fetcher tells its caller when it is worth to try {@link #readNow} again.
   * @return false when nothing was started: {@link #read} is the only way then.
   */
  default boolean fetch(long id, long offset, int lengthBytes, int attempt, Fetcher fetcher) {
    return false;
  }

  /**
   * Writes, extending the file when needed; a gap reads as zeros.
   *
   * @param path of a regular file.
   * @param id expected, or 0.
   * @param offset absolute, not negative.
   * @param from all of it, up to {@link #TRANSFER_BYTES_MAX} bytes, native memory.
   * @return bytes written; -ENOSPC, -EDQUOT, -EFBIG, -EROFS, -EIO …
   */
  int write(String path, long id, long offset, MemorySegment from);

  /**
   * Returns when the content, and what is needed to find it, is on the device; for a directory its
   * entries.
   *
   * @param path of a regular file or directory.
   * @param id expected, or 0.
   * @param dataOnly whether times may be left out, as fdatasync does.
   * @return 0, -EIO when something that was written may be lost …
   */
  int sync(String path, long id, boolean dataOnly);

  /**
   * As {@link #write} and, when that was no error, {@link #sync}: one call to a volume elsewhere.
   * Done twice it leaves what it leaves when done once.
   *
   * @param path of a regular file.
   * @param id expected, or 0.
   * @param offset absolute, not negative.
   * @param from all of it, up to {@link #TRANSFER_BYTES_MAX} bytes, native memory.
   * @param dataOnly whether times may be left out, as fdatasync does.
   * @return bytes written, which are on the device as is all that was written before; or the error
   *     of either, after which the bytes may be there or not.
   */
  default int writeSynced(String path, long id, long offset, MemorySegment from, boolean dataOnly) {
    int count = write(path, id, offset, from);
    int result = count < 0 ? count : sync(path, id, dataOnly);
    return result < 0 ? result : count;
  }

  /**
   * Begins to write to the device what was written, so that a sync that comes later has less to do.
   * A hint: it promises nothing, waits for nothing, and may do nothing.
   *
   * @param path of a regular file.
   * @param id expected, or 0.
   * @return 0, -ENOENT, -EISDIR, -ESTALE …
   */
  default int startWriteOut(String path, long id) {
    return 0;
  }

  /**
   * Reserves or frees space.
   *
   * @param path of a regular file.
   * @param id expected, or 0.
   * @param flags 0, {@link #ALLOCATE_KEEP_SIZE}, or that with {@link #ALLOCATE_PUNCH_HOLE}.
   * @param offset first byte.
   * @param lengthBytes positive.
   * @return 0, -EOPNOTSUPP for other flags, -ENOSPC, -EDQUOT …
   */
  int allocate(String path, long id, int flags, long offset, long lengthBytes);

  /** An extended attribute, into {@code out}; number of bytes, -ENODATA, -EOPNOTSUPP … */
  int getXattr(String path, String name, ByteSink out);

  /** Sets one; {@code flags} 0, {@link #XATTR_CREATE} or {@link #XATTR_REPLACE}. */
  int setXattr(String path, String name, byte[] value, int flags);

  /** Their names, each ended by a NUL, into {@code out}; number of bytes. */
  int listXattrs(String path, ByteSink out);

  /** Removes one; -ENODATA. */
  int removeXattr(String path, String name);

  /**
   * Space.
   *
   * @param out filled in when the result is 0.
   * @return 0 or a negative error number.
   */
  int space(VolumeSpace out);

  /** Ends its use; what is not synced may be lost. Idempotent. */
  @Override
  void close();
}

package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import java.lang.foreign.MemorySegment;

/** A descriptor; one that is for reading only answers EROFS to changes, where Linux has EBADF. */
final class LinuxBackingFile implements BackingFile {
  private final int fd;
  private final boolean readOnly;
  private final AheadReader ahead;

  /** Whether the file system can tell what is in memory. */
  private volatile boolean tells = true;

  LinuxBackingFile(int fd, boolean readOnly, AheadReader ahead) {
    this.fd = fd;
    this.readOnly = readOnly;
    this.ahead = ahead;
  }

  @Override
  public int read(long offset, MemorySegment into) {
    return LinuxFiles.read(fd, offset, into.address(), (int) into.byteSize());
  }

  @Override
  public int readNow(long offset, MemorySegment into, MemorySegment own) {
    if (!tells) {
      return -Errno.EAGAIN;
    }
    int length = (int) into.byteSize();
    int result = LinuxFiles.readNow(fd, offset, into.address(), length, own.address());
    if (result == -Errno.EOPNOTSUPP || result == -Errno.ENOSYS || result == -Errno.EINVAL) {
      tells = false;
    }
    return result;
  }

  @Override
  public boolean tells() {
    return tells;
  }

  @Override
  public int write(long offset, MemorySegment from) {
    return readOnly
        ? -Errno.EROFS
        : LinuxFiles.write(fd, offset, from.address(), (int) from.byteSize());
  }

  @Override
  public long size() {
    LinuxFiles.Status status = LinuxFiles.status(fd);
    return status == null ? 0 : status.sizeBytes();
  }

  @Override
  public int setSize(long sizeBytes) {
    return readOnly ? -Errno.EROFS : LinuxFiles.setSize(fd, sizeBytes);
  }

  @Override
  public int allocate(int flags, long offset, long lengthBytes) {
    return readOnly ? -Errno.EROFS : LinuxFiles.allocate(fd, flags, offset, lengthBytes);
  }

  @Override
  public int sync(boolean dataOnly) {
    return LinuxFiles.sync(fd, dataOnly);
  }

  @Override
  public void willNeed(long offset, long lengthBytes) {
    if (!ahead.ask(this, fd, offset, lengthBytes)) {
      LinuxFiles.willNeed(fd, offset, lengthBytes);
    }
  }

  @Override
  public void startWriteOut() {
    LinuxFiles.writeOut(fd, false);
  }

  @Override
  public int writeOut() {
    return LinuxFiles.writeOut(fd, true);
  }

  @Override
  public void close() {
    ahead.forget(this);
    FileDescriptor.close(fd);
  }
}

package io.splitkernel.scomponent.store;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import java.lang.foreign.MemorySegment;

/** A descriptor. */
final class LinuxBackingFile implements BackingFile {
  private final int fd;

  LinuxBackingFile(int fd) {
    this.fd = fd;
  }

  int descriptor() {
    return fd;
  }

  @Override
  public int read(long offset, MemorySegment into) {
    return LinuxFiles.read(fd, offset, into.address(), (int) into.byteSize());
  }

  @Override
  public int write(long offset, MemorySegment from) {
    return LinuxFiles.write(fd, offset, from.address(), (int) from.byteSize());
  }

  @Override
  public long size() {
    LinuxFiles.Status status = LinuxFiles.status(fd);
    return status == null ? 0 : status.sizeBytes();
  }

  @Override
  public int setSize(long sizeBytes) {
    return LinuxFiles.setSize(fd, sizeBytes);
  }

  @Override
  public int allocate(int flags, long offset, long lengthBytes) {
    return LinuxFiles.allocate(fd, flags, offset, lengthBytes);
  }

  @Override
  public int sync(boolean dataOnly) {
    return LinuxFiles.sync(fd, dataOnly);
  }

  @Override
  public void close() {
    FileDescriptor.close(fd);
  }
}

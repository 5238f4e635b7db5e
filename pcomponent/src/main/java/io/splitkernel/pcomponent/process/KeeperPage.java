package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.MemFd;
import io.splitkernel.ffi.MemoryMap;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;

/** The {@code struct lego_keeper} that a {@link FamilyKeeper} shares with its two tasks. */
final class KeeperPage implements AutoCloseable {
  private static final long BYTES = MemoryMap.PAGE_BYTES;

  private final long address;

  KeeperPage() throws IOException {
    int fd = MemFd.create("lego-keeper", BYTES);
    address = fd < 0 ? fd : MemoryMap.shared(fd, BYTES);
    FileDescriptor.close(fd);
    if (MemoryMap.isError(address)) {
      throw new IOException("no memory to share with the keeper: " + Errno.text(address));
    }
  }

  long address() {
    return address;
  }

  int getAcquire(String member) {
    return RawMemory.getIntAcquire(at(member));
  }

  void putRelease(String member, int value) {
    RawMemory.putIntRelease(at(member), value);
  }

  void putLong(String member, long value) {
    RawMemory.putLong(at(member), value);
  }

  private long at(String member) {
    return address + Layout.of("lego_keeper." + member);
  }

  @Override
  public void close() {
    MemoryMap.unmap(address, BYTES);
  }
}

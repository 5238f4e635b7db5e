package io.splitkernel.pcomponent.fault;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.ffi.Userfaultfd;

/** An agent for the test's own address space: the evictor thread is inside of it. */
final class SameProcessAgent implements AddressSpaceAgent {
  private static final int PAGE = 4096;
  private static final long SYS_MADVISE = 28;
  private static final long SYS_PROCESS_VM_READV = 310;

  private static final long SYS_FUTEX = 202;
  private static final long FUTEX_WAKE_OP_PRIVATE = 5 | 128;
  private static final long OR_ZERO = 2L << 28;

  private final int uffd;
  private final Userfaultfd calls = new Userfaultfd();
  private final long staging = RawMemory.map(64L * PAGE);
  private final long iovecs = RawMemory.map(64);
  volatile int forcedResult;
  volatile boolean refuseAll;
  volatile Error death;

  SameProcessAgent(int uffd) {
    this.uffd = uffd;
    int result = calls.register(uffd, staging, 64L * PAGE, Userfaultfd.REGISTER_MISSING);
    if (result != 0) {
      throw new IllegalStateException("UFFDIO_REGISTER: " + Errno.text(result));
    }
  }

  @Override
  public boolean moveOut(EvictionBatch batch) {
    if (death != null) {
      throw death;
    }
    for (int i = 0; i < batch.count(); i++) {
      if (forcedResult != 0 && (refuseAll || i % 2 == 0)) {
        batch.result(i, forcedResult);
        continue;
      }
      long moved = calls.move(uffd, staging, batch.address(i), PAGE, 0);
      for (int attempt = 0; moved == -Errno.EBUSY && attempt < 2; attempt++) {
        // shared by copy-on-write, perhaps: an atomic OR with zero makes it our own
        Syscall.call(
            SYS_FUTEX, iovecs + 32, FUTEX_WAKE_OP_PRIVATE, 0, 0, batch.address(i), OR_ZERO);
        moved = calls.move(uffd, staging, batch.address(i), PAGE, 0);
      }
      // the staging page was empty: EEXIST is what the kernel answers after a move that it had to
      // try
      // again, as happens beside compaction and swapping
      if (moved == PAGE || moved == -Errno.EEXIST) {
        RawMemory.copy(staging, batch.contents().address() + (long) i * PAGE, PAGE);
        RawMemory.discard(staging, PAGE);
        batch.result(i, 0);
      } else {
        batch.result(i, (int) moved);
      }
    }
    return true;
  }

  @Override
  public boolean readInPlace(EvictionBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      RawMemory.putLong(iovecs, batch.contents().address() + (long) i * PAGE);
      RawMemory.putLong(iovecs + 8, PAGE);
      RawMemory.putLong(iovecs + 16, batch.address(i));
      RawMemory.putLong(iovecs + 24, PAGE);
      long read =
          Syscall.call(
              SYS_PROCESS_VM_READV, ProcessHandle.current().pid(), iovecs, 1, iovecs + 16, 1, 0);
      batch.result(i, read == PAGE ? 0 : -Errno.EIO);
    }
    return true;
  }

  @Override
  public boolean discard(EvictionBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      if (batch.result(i) == 0) {
        Syscall.call(SYS_MADVISE, batch.address(i), PAGE, 4);
      }
    }
    return true;
  }
}

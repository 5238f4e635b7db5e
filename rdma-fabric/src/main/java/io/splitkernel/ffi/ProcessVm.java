package io.splitkernel.ffi;

/**
 * process_vm_readv(2) and process_vm_writev(2): another process's memory, with what is away faulted
 * in. One instance belongs to one thread; allocates nothing after construction.
 */
public final class ProcessVm implements AutoCloseable {
  private static final long SYS_PROCESS_VM_READV = 310;
  private static final long SYS_PROCESS_VM_WRITEV = 311;
  private static final int IOVECS_BYTES = 32;

  private final int lengthMax;
  private final long memory;

  /**
   * @param lengthMax most bytes of one read.
   */
  public ProcessVm(int lengthMax) {
    this.lengthMax = lengthMax;
    this.memory = RawMemory.map(IOVECS_BYTES + (long) lengthMax);
  }

  /**
   * Reads bytes, which are then at {@link #address}.
   *
   * @param tid a thread that lives in the memory.
   * @param from address there.
   * @param lengthBytes at most what the constructor said.
   * @return bytes read, or {@code -errno} (EFAULT where nothing is mapped).
   */
  public long read(int tid, long from, int lengthBytes) {
    return transfer(SYS_PROCESS_VM_READV, tid, from, lengthBytes);
  }

  /**
   * Writes the bytes that are at {@link #address}, where the process itself could write.
   *
   * @param tid a thread that lives in the memory.
   * @param to address there.
   * @param lengthBytes at most what the constructor said.
   * @return bytes written, or {@code -errno} (EFAULT where nothing is mapped).
   */
  public long write(int tid, long to, int lengthBytes) {
    return transfer(SYS_PROCESS_VM_WRITEV, tid, to, lengthBytes);
  }

  private long transfer(long how, int tid, long remote, int lengthBytes) {
    RawMemory.putLong(memory, address());
    RawMemory.putLong(memory + 8, Math.min(lengthBytes, lengthMax));
    RawMemory.putLong(memory + 16, remote);
    RawMemory.putLong(memory + 24, Math.min(lengthBytes, lengthMax));
    return Syscall.call(how, tid, memory, 1, memory + 16, 1, 0);
  }

  /** Address of the bytes of the last read. */
  public long address() {
    return memory + IOVECS_BYTES;
  }

  @Override
  public void close() {
    RawMemory.unmap(memory, IOVECS_BYTES + (long) lengthMax);
  }
}

package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.ProcessMemory;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import java.lang.foreign.Arena;

/** A part of this very process's address space in the place of a program's: real calls. */
final class OwnSpace implements SpaceCalls, AutoCloseable {
  private static final int SELF = (int) ProcessHandle.current().pid();

  private final AddressSpaceModel model = new AddressSpaceModel();
  private final ProcessMemory memory = ProcessMemory.open(SELF);
  private final Arena arena = Arena.ofConfined();
  private final long word = arena.allocate(8, 8).address();

  /** First word of a page whatever its protection, -1 when it cannot be read at all. */
  long word(long address) {
    return memory.read(address, word, 8) == 8 ? RawMemory.getLong(word) : -1;
  }

  /** Writes the first word of a page whatever its protection; false when it cannot be written. */
  boolean word(long address, long value) {
    RawMemory.putLong(word, value);
    return memory.write(address, word, 8) == 8;
  }

  @Override
  public int number() {
    return 1;
  }

  @Override
  public AddressSpaceModel model() {
    return model;
  }

  @Override
  public int agentTid() {
    return SELF;
  }

  @Override
  public long call(long number, long a, long b, long c, long d, long e) {
    return Syscall.call(number, a, b, c, d, e, 0);
  }

  @Override
  public long mapFile(
      int tid, int fd, long address, long bytes, long protection, long flags, long offset) {
    return Syscall.call(MemoryCalls.SYS_MMAP, address, bytes, protection, flags, fd, offset);
  }

  @Override
  public long read(int tid, long address, byte[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] = RawMemory.getByte(address + i);
    }
    return 0;
  }

  @Override
  public void unlockOwn() {}

  @Override
  public void close() {
    memory.close();
    arena.close();
  }
}

package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A struct user_regs_struct. Belongs to one thread. */
final class Registers {
  private static final long BYTES = Layout.of("sizeof(user_regs_struct)");
  private static final long RAX = Layout.of("user_regs_struct.rax");
  private static final long ORIG_RAX = Layout.of("user_regs_struct.orig_rax");
  private static final long RIP = Layout.of("user_regs_struct.rip");
  private static final long CS = Layout.of("user_regs_struct.cs");
  private static final long CS_64_BIT = 0x33;
  private static final long RSP = Layout.of("user_regs_struct.rsp");
  private static final long[] ARGUMENTS = {
    Layout.of("user_regs_struct.rdi"),
    Layout.of("user_regs_struct.rsi"),
    Layout.of("user_regs_struct.rdx"),
    Layout.of("user_regs_struct.r10"),
    Layout.of("user_regs_struct.r8"),
    Layout.of("user_regs_struct.r9")
  };

  private final MemorySegment segment;

  Registers(Arena arena) {
    segment = arena.allocate(BYTES, 8);
  }

  MemorySegment segment() {
    return segment;
  }

  void copyFrom(Registers other) {
    MemorySegment.copy(other.segment, 0, segment, 0, BYTES);
  }

  long rax() {
    return segment.get(ValueLayout.JAVA_LONG, RAX);
  }

  long rip() {
    return segment.get(ValueLayout.JAVA_LONG, RIP);
  }

  /** Number of the system call that the thread is in, -1 for none. */
  long number() {
    return segment.get(ValueLayout.JAVA_LONG, ORIG_RAX);
  }

  /** Whether the thread runs 64-bit code. */
  boolean is64Bit() {
    return segment.get(ValueLayout.JAVA_LONG, CS) == CS_64_BIT;
  }

  /** System-call argument {@code i}, 0 to 5. */
  long argument(int i) {
    return segment.get(ValueLayout.JAVA_LONG, ARGUMENTS[i]);
  }

  /** Says that the thread is not inside a system call that could be restarted. */
  Registers outsideCall() {
    segment.set(ValueLayout.JAVA_LONG, ORIG_RAX, -1);
    return this;
  }

  Registers rax(long value) {
    segment.set(ValueLayout.JAVA_LONG, RAX, value);
    return this;
  }

  Registers rip(long value) {
    segment.set(ValueLayout.JAVA_LONG, RIP, value);
    return this;
  }

  Registers rsp(long value) {
    segment.set(ValueLayout.JAVA_LONG, RSP, value);
    return this;
  }

  Registers arguments(long... values) {
    for (int i = 0; i < values.length; i++) {
      segment.set(ValueLayout.JAVA_LONG, ARGUMENTS[i], values[i]);
    }
    return this;
  }
}

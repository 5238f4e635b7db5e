package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which interrupted calls are made again, and how. */
@Timeout(30)
final class CallRewindTest {
  private static final long CODE_64 = 0x33;
  private static final long CODE_32 = 0x23;
  private static final long AFTER_CALL = 0x40_1002;
  private static final long MUNMAP = 11;
  private static final long IOCTL = 16;
  private static final long READ = 0;
  private static final long UFFDIO_REGISTER = 0xc020aa00L;

  private final Registers registers = new Registers(Arena.ofAuto());

  private Registers leaving(long code, long number, long result, long... arguments) {
    set("cs", code);
    set("orig_rax", number);
    return registers.rip(AFTER_CALL).rax(result).arguments(arguments);
  }

  private void set(String register, long value) {
    registers
        .segment()
        .set(ValueLayout.JAVA_LONG, Layout.of("user_regs_struct." + register), value);
  }

  @Test
  void shouldMakeReportedCallsAgainThatWereInterrupted() {
    assertTrue(CallRewind.isDue(leaving(CODE_64, MUNMAP, -512, 4096, 4096)));
    assertTrue(CallRewind.isDue(leaving(CODE_64, IOCTL, -512, 3, UFFDIO_REGISTER)));
    assertTrue(CallRewind.isDue(leaving(CODE_32, 91, -512)));
  }

  @Test
  void shouldLeaveOtherResultsAlone() {
    assertFalse(CallRewind.isDue(leaving(CODE_64, MUNMAP, 0)));
    assertFalse(CallRewind.isDue(leaving(CODE_64, MUNMAP, -4)));
    assertFalse(CallRewind.isDue(leaving(CODE_64, -1, -512)));
  }

  @Test
  void shouldLeaveCallsAloneThatTheKernelItselfInterrupts() {
    assertFalse(CallRewind.isDue(leaving(CODE_64, READ, -512, 0, 4096, 1)));
    assertFalse(CallRewind.isDue(leaving(CODE_64, IOCTL, -512, 0, 0x5401)));
    assertFalse(CallRewind.isDue(leaving(CODE_32, 54, -512)));
  }

  @Test
  void shouldPutTheThreadBackToBeforeTheCall() {
    CallRewind.apply(leaving(CODE_64, MUNMAP, -512, 4096, 8192));
    assertEquals(AFTER_CALL - 2, registers.rip());
    assertEquals(MUNMAP, registers.rax());
    assertEquals(-1, registers.number());
    assertEquals(8192, registers.argument(1));
    assertFalse(CallRewind.isDue(registers));
  }
}

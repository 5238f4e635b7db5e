package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The filter, run by an interpreter of BPF, against the table that it was made from. */
@Timeout(30)
final class FilterProgramTest {
  private static final long BLOB = 0x1f00_0000_3000L;
  private static final long BLOB_BYTES = 0x10000;
  private static final long OUTSIDE = 0x7f12_3456_7890L;
  private static final long MMAP_OFFSET = 0x6c65676f0000L;
  private static final int STOP = 0x7e60;
  private static final int TELL = 0x7e61;
  private static final int ALLOW = FilterProgram.RET_ALLOW;
  private static final int NOTIFY = FilterProgram.RET_NOTIFY;
  private static final FilterProgram.Blob AGENT =
      new FilterProgram.Blob(
          BLOB,
          BLOB_BYTES,
          Map.of(STOP, FilterProgram.RET_TRACE, TELL, FilterProgram.RET_NOTIFY),
          MMAP_OFFSET);

  private final byte[] program = FilterProgram.bytes(AGENT, false);
  private final byte[] programWithX32 = FilterProgram.bytes(AGENT, true);
  private boolean onlyNumberSeen;

  private int answer(int architecture, int number, long pointer, long... arguments) {
    return run(program, architecture, number, pointer, arguments);
  }

  private int run(byte[] code, int architecture, int number, long pointer, long... arguments) {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(number).putInt(architecture).putLong(pointer);
    for (long argument : arguments) {
      data.putLong(argument);
    }
    ByteBuffer at = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);
    int accumulator = 0;
    onlyNumberSeen = true;
    while (true) {
      int operation = at.getShort();
      int yes = Byte.toUnsignedInt(at.get());
      int no = Byte.toUnsignedInt(at.get());
      int value = at.getInt();
      switch (operation) {
        case FilterProgram.LOAD -> {
          accumulator = data.getInt(value);
          onlyNumberSeen &= value < FilterProgram.INSTRUCTION_POINTER;
        }
        case FilterProgram.AND -> accumulator &= value;
        case FilterProgram.JUMP -> skip(at, value);
        case FilterProgram.JUMP_EQUAL -> skip(at, accumulator == value ? yes : no);
        case FilterProgram.JUMP_NOT_BELOW ->
            skip(at, Integer.compareUnsigned(accumulator, value) >= 0 ? yes : no);
        case FilterProgram.RETURN -> {
          return value;
        }
        default -> throw new AssertionError("operation " + operation);
      }
    }
  }

  private static void skip(ByteBuffer at, int instructions) {
    assertTrue(instructions >= 0, "a jump backwards");
    at.position(at.position() + instructions * FilterProgram.INSTRUCTION_BYTES);
  }

  @Test
  void shouldReportExactlyWhatTheTableSays() {
    Random random = new Random(20);
    int[] interesting = {
      0, 1, 2, 4, 8, 12, 16, 18, 21, 24, 25, 35, 41, 102, 0x22, 0x32, 0x10, 0x21
    };
    for (int architecture : new int[] {SeenCalls.ARCH_X86_64, SeenCalls.ARCH_I386}) {
      for (int number = -1; number < 600; number++) {
        for (int i = 0; i < 300; i++) {
          long[] arguments = new long[6];
          for (int k = 0; k < 6; k++) {
            arguments[k] =
                random.nextInt(4) == 0
                    ? random.nextLong()
                    : interesting[random.nextInt(interesting.length)];
          }
          SeenCalls call = SeenCalls.of(architecture, number);
          boolean seen = call != null && call.isSeen(arguments);
          String text = architecture + " " + number + " " + java.util.Arrays.toString(arguments);
          assertEquals(
              seen ? NOTIFY : ALLOW, answer(architecture, number, OUTSIDE, arguments), text);
          assertEquals(ALLOW, answer(architecture, number, BLOB, arguments), text);
        }
      }
    }
  }

  @Test
  void shouldTellTheAgentsCodeFromAnyOther() {
    int munmap = SeenCalls.MUNMAP.number(SeenCalls.ARCH_X86_64);
    for (long pointer :
        new long[] {BLOB - 1, BLOB + BLOB_BYTES, BLOB & 0xffffffffL, BLOB + (1L << 32), OUTSIDE}) {
      assertEquals(NOTIFY, answer(SeenCalls.ARCH_X86_64, munmap, pointer));
      assertEquals(ALLOW, answer(SeenCalls.ARCH_X86_64, STOP, pointer));
      assertEquals(ALLOW, answer(SeenCalls.ARCH_X86_64, TELL, pointer));
    }
    for (long pointer : new long[] {BLOB, BLOB + BLOB_BYTES - 1}) {
      assertEquals(ALLOW, answer(SeenCalls.ARCH_X86_64, munmap, pointer));
      assertEquals(FilterProgram.RET_TRACE, answer(SeenCalls.ARCH_X86_64, STOP, pointer));
      assertEquals(NOTIFY, answer(SeenCalls.ARCH_X86_64, TELL, pointer));
    }
  }

  @Test
  void shouldSeeWhatIsSeenOfMmapAndMadvise() {
    int mmap = SeenCalls.MMAP.number(SeenCalls.ARCH_X86_64);
    int madvise = SeenCalls.MADVISE.number(SeenCalls.ARCH_X86_64);
    int x64 = SeenCalls.ARCH_X86_64;
    assertEquals(NOTIFY, answer(x64, mmap, OUTSIDE, 0, 4096, 3, 0x22, -1, 0));
    assertEquals(NOTIFY, answer(x64, mmap, OUTSIDE, 0, 4096, 3, 0x12, 3, 0));
    assertEquals(NOTIFY, answer(x64, mmap, OUTSIDE, 0, 4096, 3, 0x100122, -1, 0));
    assertEquals(ALLOW, answer(x64, mmap, OUTSIDE, 0, 4096, 3, 0x2, 3, 0));
    assertEquals(ALLOW, answer(x64, mmap, OUTSIDE, 0, 4096, 3, 0x21, -1, 0));
    assertEquals(ALLOW, answer(x64, mmap, OUTSIDE, 0, 4096, 3, 0x28, -1, 0));
    assertEquals(ALLOW, answer(x64, mmap, OUTSIDE, 0, 4096, 3, 0x40022, -1, 0));
    assertEquals(ALLOW, answer(x64, mmap, OUTSIDE, 0, 4096, 3, 0x32, -1, MMAP_OFFSET));
    assertEquals(
        NOTIFY, answer(x64, mmap, OUTSIDE, 0, 4096, 3, 0x32, -1, MMAP_OFFSET & 0xffffffffL));
    assertEquals(ALLOW, answer(x64, madvise, OUTSIDE, 0, 4096, 21));
    assertEquals(NOTIFY, answer(x64, madvise, OUTSIDE, 0, 4096, 102));
  }

  @Test
  void shouldSeeNewActionsForSignalsWhereverTheyAre() {
    int sigaction = SeenCalls.RT_SIGACTION.number(SeenCalls.ARCH_X86_64);
    for (long action : new long[] {1, 0x1_0000_0000L, 0x7ffc_0000_0000L, 0x7ffc_1234_5678L, -1}) {
      assertEquals(NOTIFY, answer(SeenCalls.ARCH_X86_64, sigaction, OUTSIDE, 14, action, 0, 8));
    }
    assertEquals(ALLOW, answer(SeenCalls.ARCH_X86_64, sigaction, OUTSIDE, 14, 0, 4096, 8));
  }

  @Test
  void shouldSeeX32CallsWhereThereAreSome() {
    int munmap = SeenCalls.MUNMAP.number(SeenCalls.ARCH_X86_64) | SeenCalls.X32_BIT;
    assertEquals(ALLOW, answer(SeenCalls.ARCH_X86_64, munmap, OUTSIDE));
    assertEquals(NOTIFY, run(programWithX32, SeenCalls.ARCH_X86_64, munmap, OUTSIDE));
    assertEquals(ALLOW, run(programWithX32, SeenCalls.ARCH_X86_64, -1, OUTSIDE));
  }

  @Test
  void shouldLetOtherCallsPassByTheirNumberAlone() {
    for (int number = 0; number < 500; number++) {
      if (SeenCalls.of(SeenCalls.ARCH_X86_64, number) == null) {
        assertEquals(ALLOW, answer(SeenCalls.ARCH_X86_64, number, OUTSIDE));
        assertTrue(onlyNumberSeen, "the kernel cannot know that call " + number + " passes");
      }
    }
    assertEquals(ALLOW, answer(0x12345678, 9, OUTSIDE, 0, 4096, 3, 0x32));
  }

  @Test
  void shouldAllowTheCallsOfStrictModeOnly() {
    byte[] strict = FilterProgram.strict(new int[] {0, 1, 60, 15}, new int[] {3, 4, 1, 119});
    for (int number = -1; number < 600; number++) {
      boolean allowed = List.of(0, 1, 60, 15).contains(number);
      assertEquals(
          allowed ? ALLOW : FilterProgram.RET_TRAP,
          run(strict, SeenCalls.ARCH_X86_64, number, OUTSIDE));
      boolean allowed32 = List.of(3, 4, 1, 119).contains(number);
      assertEquals(
          allowed32 ? ALLOW : FilterProgram.RET_KILL_THREAD,
          run(strict, SeenCalls.ARCH_I386, number, OUTSIDE));
    }
    assertEquals(FilterProgram.RET_KILL_THREAD, run(strict, 0x12345678, 0, OUTSIDE));
  }

  @Test
  void shouldFitIntoWhatTheKernelTakes() {
    assertTrue(program.length / FilterProgram.INSTRUCTION_BYTES < 4096);
  }
}

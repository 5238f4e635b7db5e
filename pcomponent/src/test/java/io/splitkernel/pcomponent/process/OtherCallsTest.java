package io.splitkernel.pcomponent.process;

import static io.splitkernel.pcomponent.process.FakeSpace.pages;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.space.Mapping;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rare calls, and those that are made the 32-bit way. */
@Timeout(10)
final class OtherCallsTest {
  private static final long PROCEED = MemoryCalls.PROCEED;
  private final FakeSpace space = new FakeSpace();

  private long foreign(SeenCalls call, long... arguments) {
    int i386 = SeenCalls.ARCH_I386;
    return space.carryOut(i386, call.number(i386), arguments);
  }

  private static byte[] words(long... words) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      bytes.putLong(word);
    }
    return bytes.array();
  }

  @Test
  void shouldFollowProtectionsThatTheKernelSets() {
    space.supervise(10, 20);
    assertEquals(PROCEED, space.carryOut(SeenCalls.MPROTECT, pages(12), pages(2), 1));
    assertEquals(1, space.model.at(pages(13)).protection());
    assertEquals(3, space.model.at(pages(14)).protection());
    assertEquals("", space.events());
  }

  @Test
  void shouldKnowWhatIsSealedOnlyWhenItIs() {
    space.supervise(10, 20);
    assertEquals(0, space.carryOut(SeenCalls.MSEAL, pages(12), pages(2), 0));
    assertTrue(space.model.at(pages(12)).has(Mapping.SEALED));
    space.answers.add((long) -Errno.ENOMEM);
    assertEquals(-Errno.ENOMEM, space.carryOut(SeenCalls.MSEAL, pages(14), pages(20), 0));
    assertTrue(!space.model.at(pages(14)).has(Mapping.SEALED));
  }

  @Test
  void shouldSetAsideWhatSharedMemoryReplaces() {
    space.supervise(10, 20);
    space.segmentBytes = pages(2) - 1;
    assertEquals(PROCEED, space.carryOut(SeenCalls.SHMAT, 1, pages(12), 0x4000));
    assertEquals("localize 12 14", space.events());
    assertEquals("10-12 14-20", space.mappings());
    space.segmentBytes = 0;
    assertEquals(PROCEED, space.carryOut(SeenCalls.SHMAT, 1, pages(16), 0x4000));
    assertEquals("10-12 14-16", space.mappings());
  }

  @Test
  void shouldHandOverWhatTheProgramPagesItself() {
    space.supervise(10, 20);
    space.memory = words(pages(12), pages(2), pages(1));
    assertEquals(PROCEED, space.carryOut(SeenCalls.IOCTL, 4, 0xc020aa00L, 0x1000));
    assertEquals("localize 12 14", space.events());
    assertTrue(space.model.at(pages(12)).has(Mapping.PROGRAM_PAGED));
    space.memory = words(pages(12), pages(15), pages(1));
    assertEquals(PROCEED, space.carryOut(SeenCalls.IOCTL, 4, 0xc028aa05L, 0x1000));
    assertEquals("localize 12 14; localize 15 16", space.events());
    assertEquals(0, space.calls.localize(space, FakeSpace.TID, pages(18), pages(20)));
    assertEquals("10-12 12-14! 14-15 15-16! 16-18 18-20!", space.mappings());
  }

  @Test
  void shouldRememberWithoutEffectWhatWouldMakePagesHugeOrMerged() {
    assertEquals(0, space.carryOut(SeenCalls.PRCTL, 42));
    assertEquals(0, space.carryOut(SeenCalls.PRCTL, 41, 1));
    assertEquals(1, space.carryOut(SeenCalls.PRCTL, 42));
    assertEquals(-Errno.EINVAL, space.carryOut(SeenCalls.PRCTL, 42, 1));
    assertEquals(0, space.carryOut(SeenCalls.PRCTL, 67, 1));
    assertEquals(1, space.carryOut(SeenCalls.PRCTL, 68));
    space.model.heap(pages(1), pages(2));
    assertEquals(PROCEED, space.carryOut(SeenCalls.PRCTL, 35, 7));
    assertEquals(0, space.model.heapEnd());
  }

  @Test
  void shouldSetAsideWhatA32BitCallFreesOrMoves() {
    space.supervise(10, 30);
    assertEquals(PROCEED, foreign(SeenCalls.MUNMAP, pages(10), pages(2)));
    assertEquals(PROCEED, foreign(SeenCalls.MADVISE, pages(12), pages(2), 4));
    assertEquals(PROCEED, foreign(SeenCalls.MMAP, pages(14), pages(2), 3, 0x32));
    assertEquals(PROCEED, foreign(SeenCalls.MMAP, 0, pages(2), 3, 0x22));
    assertEquals(PROCEED, foreign(SeenCalls.MREMAP, pages(16), pages(2), pages(1), 3, pages(18)));
    assertEquals("12-14! 19-30", space.mappings());
    assertEquals(
        "localize 10 12; localize 12 14; localize 14 16; localize 16 18; localize 18 19",
        space.events());
  }

  @Test
  void shouldReadTheArgumentsOfTheOldMmap() {
    space.supervise(10, 30);
    space.memory = words((pages(2) << 32) | pages(10), (0x32L << 32) | 3);
    assertEquals(PROCEED, foreign(SeenCalls.OLD_MMAP, 0x1000));
    assertEquals("12-30", space.mappings());
  }

  @Test
  void shouldAskForTheBreakAgainAfterA32BitCall() {
    space.supervise(10, 30);
    space.model.heap(pages(10), pages(30));
    assertEquals(PROCEED, foreign(SeenCalls.BRK, pages(25) + 1));
    assertEquals("10-26", space.mappings());
    assertEquals(0, space.model.heapEnd());
  }

  @Test
  void shouldTreatX32CallsLikewise() {
    space.supervise(10, 30);
    int number = SeenCalls.MUNMAP.number(SeenCalls.ARCH_X86_64) | SeenCalls.X32_BIT;
    assertEquals(PROCEED, space.carryOut(SeenCalls.ARCH_X86_64, number, pages(10), pages(2)));
    assertEquals("localize 10 12", space.events());
  }

  @Test
  void shouldLeaveCallsAloneThatAreNotInTheTable() {
    assertEquals(PROCEED, space.carryOut(SeenCalls.ARCH_X86_64, 39));
    assertEquals(PROCEED, space.carryOut(SeenCalls.ARCH_X86_64, -1));
    assertEquals(PROCEED, space.carryOut(SeenCalls.ARCH_I386, 1 << 20));
  }
}

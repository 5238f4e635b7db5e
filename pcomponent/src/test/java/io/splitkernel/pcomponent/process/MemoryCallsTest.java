package io.splitkernel.pcomponent.process;

import static io.splitkernel.pcomponent.process.FakeSpace.pages;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.space.Mapping;
import io.splitkernel.pcomponent.space.MappingKind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order of events in calls that map and unmap, and what is left when the kernel refuses. */
@Timeout(10)
final class MemoryCallsTest {
  private static final long PROCEED = MemoryCalls.PROCEED;
  private static final long PRIVATE_ANONYMOUS = 0x22;
  private static final long FIXED = 0x10;
  private final FakeSpace space = new FakeSpace();

  private void map(long start, long end) {
    space.areas = List.of(new ProcMaps.Range(pages(start), pages(end)));
  }

  @Test
  void shouldRegisterAFreshMappingWithoutWhatWasThereBefore() {
    space.answers.add(pages(10));
    assertEquals(
        pages(10), space.carryOut(SeenCalls.MMAP, 0, pages(4), 3, PRIVATE_ANONYMOUS | 0x18000, -1));
    assertEquals("call 9 #0 4 #3 #34 #-1; drop 10 14; register 10 14 false", space.events());
    assertEquals("10-14", space.mappings());
  }

  @Test
  void shouldAskForMemoryBeyondThisMachinesWithoutReserve() {
    space.answers.add((long) -Errno.ENOMEM);
    space.answers.add(pages(10));
    assertEquals(pages(10), space.carryOut(SeenCalls.MMAP, 0, pages(4), 3, PRIVATE_ANONYMOUS, -1));
    assertTrue(space.events().contains("call 9 #0 4 #3 #" + (0x4000 | 0x22)), space.events());
  }

  @Test
  void shouldRefuseWhatCouldNeverBeHad() {
    space.bytesInUse = pages(900);
    assertEquals(
        -Errno.ENOMEM, space.carryOut(SeenCalls.MMAP, 0, pages(101), 3, PRIVATE_ANONYMOUS, -1));
    assertEquals("", space.events());
    space.answers.add(pages(10));
    assertEquals(pages(10), space.carryOut(SeenCalls.MMAP, 0, pages(101), 0, PRIVATE_ANONYMOUS));
  }

  @Test
  void shouldReplaceSupervisedMemoryInsideAHold() {
    space.supervise(8, 20);
    long at = space.carryOut(SeenCalls.MMAP, pages(10), pages(4), 3, PRIVATE_ANONYMOUS | FIXED, -1);
    assertEquals(pages(10), at);
    assertEquals(
        "hold 10 14; call 9 10 4 #3 #50 #-1; drop 10 14; register 10 14 true; release 10 14",
        space.events());
  }

  @Test
  void shouldForgetNothingWhenAReplacementIsRefused() {
    space.supervise(8, 20);
    map(8, 20);
    for (long type : new long[] {PRIVATE_ANONYMOUS, 0x20, 0x21, 0x2}) {
      space.events.clear();
      space.answers.add((long) -Errno.EPERM);
      long flags = type | FIXED;
      assertEquals(-Errno.EPERM, space.carryOut(SeenCalls.MMAP, pages(10), pages(4), 3, flags, 5));
      assertFalse(space.events().contains("drop"), space.events());
      assertTrue(space.events().endsWith("release 10 14"), space.events());
      assertEquals("8-20", space.mappings());
    }
  }

  @Test
  void shouldForgetWhatARefusedCallHasUnmappedAllTheSame() {
    space.supervise(8, 20);
    space.areas =
        List.of(new ProcMaps.Range(pages(8), pages(10)), new ProcMaps.Range(pages(12), pages(20)));
    space.answers.add(-19L);
    space.carryOut(SeenCalls.MMAP, pages(10), pages(4), 3, FIXED | 2, 5);
    assertEquals("hold 10 14; mapFile 5 10 4; drop 10 12; release 10 14", space.events());
    assertEquals("8-10 12-20", space.mappings());
  }

  @Test
  void shouldMapAFileOverSupervisedMemoryWithTheProgramsDescriptor() {
    space.supervise(8, 20);
    assertEquals(
        pages(10), space.carryOut(SeenCalls.MMAP, pages(10), pages(4), 1, FIXED | 2, 5, pages(2)));
    assertEquals("hold 10 14; mapFile 5 10 4; drop 10 14; release 10 14", space.events());
    Mapping file = space.model.at(pages(11));
    assertEquals(MappingKind.FILE, file.kind());
    assertEquals("/file5", file.file().path());
    assertEquals("8-10 10-14! 14-20", space.mappings());
  }

  @Test
  void shouldLeaveToTheKernelWhatConcernsNobody() {
    space.supervise(8, 20);
    assertEquals(PROCEED, space.carryOut(SeenCalls.MMAP, pages(30), pages(4), 1, FIXED | 2, 5));
    assertEquals(PROCEED, space.carryOut(SeenCalls.MMAP, pages(10), 0, 3, 0x32, -1));
    assertEquals(PROCEED, space.carryOut(SeenCalls.MMAP, pages(10) + 1, pages(1), 3, 0x32, -1));
    assertEquals(PROCEED, space.carryOut(SeenCalls.MMAP, pages(10), pages(1), 3, 0x32, -1, 123));
    assertEquals(PROCEED, space.carryOut(SeenCalls.MMAP, 0, pages(4), 3, 0x28, -1));
    assertEquals(PROCEED, space.carryOut(SeenCalls.MUNMAP, pages(20), pages(4)));
    assertEquals(PROCEED, space.carryOut(SeenCalls.MUNMAP, pages(10) + 5, pages(4)));
    assertEquals(PROCEED, space.carryOut(SeenCalls.MADVISE, pages(2), pages(4), 4));
    assertEquals("", space.events());
  }

  @Test
  void shouldUnmapBeforeItForgets() {
    space.supervise(8, 12);
    space.supervise(14, 20);
    assertEquals(0, space.carryOut(SeenCalls.MUNMAP, pages(10), pages(6) - 5));
    assertEquals("call 11 10 #24571 #0 #0 #0; drop 10 16", space.events());
    assertEquals("8-10 16-20", space.mappings());
    map(16, 20);
    space.events.clear();
    space.answers.add((long) -Errno.EPERM);
    assertEquals(-Errno.EPERM, space.carryOut(SeenCalls.MUNMAP, pages(16), pages(4)));
    assertEquals("8-10 16-20", space.mappings());
    assertFalse(space.events().contains("drop"));
  }

  @Test
  void shouldFindOutHowFarAStackHasGrownBeforeAPartOfItIsUnmapped() {
    space.model.put(Mapping.plain(pages(100), pages(110), 3, MappingKind.STACK));
    map(80, 110);
    assertEquals(0, space.carryOut(SeenCalls.MUNMAP, pages(90), pages(5)));
    assertEquals("call 11 90 5 #0 #0 #0; drop 90 95", space.events());
    assertEquals("80-90 95-110", space.mappings());
  }

  @Test
  void shouldMoveTheBreak() {
    space.answers.add(pages(10));
    assertEquals(pages(10), space.carryOut(SeenCalls.BRK, 0));
    space.answers.add(pages(14) + 1);
    assertEquals(pages(14) + 1, space.carryOut(SeenCalls.BRK, pages(14) + 1));
    assertEquals("10-15", space.mappings());
    assertEquals(MappingKind.HEAP, space.model.at(pages(10)).kind());
    space.answers.add(pages(12));
    assertEquals(pages(12), space.carryOut(SeenCalls.BRK, pages(12)));
    assertEquals("10-12", space.mappings());
    assertEquals(
        "call 12 #0 #0 #0 #0 #0; call 12 #57345 #0 #0 #0 #0; drop 10 15; register 10 15 false;"
            + " call 12 12 #0 #0 #0 #0; drop 12 15",
        space.events());
  }

  @Test
  void shouldAnswerTheOldBreakWhenItCannotGrow() {
    space.model.heap(pages(10), pages(12));
    space.answers.add(pages(12));
    assertEquals(pages(12), space.carryOut(SeenCalls.BRK, pages(20)));
    assertEquals("", space.mappings());
    space.bytesInUse = pages(999);
    assertEquals(pages(12), space.carryOut(SeenCalls.BRK, pages(20)));
    assertEquals(pages(12), space.model.heapEnd());
    assertEquals("call 12 20 #0 #0 #0 #0", space.events());
  }
}

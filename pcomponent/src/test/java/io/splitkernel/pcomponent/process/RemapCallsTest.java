package io.splitkernel.pcomponent.process;

import static io.splitkernel.pcomponent.process.FakeSpace.pages;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.space.Mapping;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order of events in mremap(2). */
@Timeout(10)
final class RemapCallsTest {
  private static final long MAYMOVE = 1;
  private static final long FIXED = 3;
  private static final long DONTUNMAP = 5;
  private final FakeSpace space = new FakeSpace();

  private long mremap(long from, long oldPages, long newPages, long flags, long to) {
    return space.carryOut(
        SeenCalls.MREMAP, pages(from), pages(oldPages), pages(newPages), flags, pages(to));
  }

  @Test
  void shouldMoveInsideHoldsOfBothRanges() {
    space.supervise(10, 14);
    space.answers.addAll(List.of(0L, pages(30)));
    assertEquals(pages(30), mremap(10, 4, 6, MAYMOVE, 0));
    assertEquals(
        "hold 10 14; call 28 10 4 #16 #0 #0; call 25 10 4 6 #1 #0; hold 30 36; drop 30 36;"
            + " register 30 36 false; move 10 30 4; call 28 30 6 #17 #0 #0; release 30 36;"
            + " release 10 14",
        space.events());
    assertEquals("30-36", space.mappings());
  }

  @Test
  void shouldKeepDontDumpWhereItWas() {
    space.supervise(10, 14);
    space.model.flags(pages(10), pages(14), Mapping.DONT_DUMP, 0);
    space.answers.addAll(List.of(0L, pages(30)));
    assertEquals(pages(30), mremap(10, 4, 4, MAYMOVE, 0));
    assertTrue(space.events().contains("call 28 10 4 #17 #0 #0; call 25"), space.events());
    assertTrue(space.events().contains("call 28 30 4 #16 #0 #0"), space.events());
  }

  @Test
  void shouldLeaveSourceAndTargetWhenTheMoveIsRefused() {
    space.supervise(10, 14);
    space.supervise(30, 40);
    space.areas =
        List.of(new ProcMaps.Range(pages(10), pages(14)), new ProcMaps.Range(pages(30), pages(40)));
    space.answers.addAll(List.of(0L, (long) -Errno.EPERM));
    assertEquals(-Errno.EPERM, mremap(10, 4, 4, FIXED, 32));
    assertEquals(
        "hold 10 14; hold 32 36; call 28 10 4 #16 #0 #0; call 25 10 4 4 #3 32;"
            + " call 28 10 4 #17 #0 #0; release 10 14; release 32 36",
        space.events());
    assertEquals("10-14 30-40", space.mappings());
  }

  @Test
  void shouldReplaceItsTarget() {
    space.supervise(10, 14);
    space.supervise(30, 40);
    space.answers.addAll(List.of(0L, pages(32)));
    assertEquals(pages(32), mremap(10, 4, 2, FIXED, 32));
    assertEquals(
        "hold 10 14; hold 32 34; call 28 10 4 #16 #0 #0; call 25 10 4 2 #3 32; drop 32 34;"
            + " register 30 40 false; move 10 32 2; drop 12 14; call 28 32 2 #17 #0 #0;"
            + " release 10 14; release 32 34",
        space.events().replace("register 32 34", "register 30 40"));
    assertEquals("30-40", space.mappings());
  }

  @Test
  void shouldGrowAndShrinkInPlace() {
    space.supervise(10, 14);
    space.answers.add(pages(10));
    assertEquals(pages(10), mremap(10, 4, 6, 0, 0));
    assertEquals("10-16", space.mappings());
    space.answers.add(pages(10));
    assertEquals(pages(10), mremap(10, 6, 2, 0, 0));
    assertEquals("10-12", space.mappings());
    assertEquals(
        "hold 10 14; call 25 10 4 6 #0 #0; drop 14 16; register 14 16 false; release 10 14;"
            + " hold 10 16; call 25 10 6 2 #0 #0; drop 12 16; release 10 16",
        space.events());
  }

  @Test
  void shouldKeepTheSourceWhenItIsNotUnmapped() {
    space.supervise(10, 14);
    space.answers.addAll(List.of(0L, pages(30)));
    assertEquals(pages(30), mremap(10, 4, 4, DONTUNMAP, 0));
    assertEquals("10-14 30-34", space.mappings());
    assertFalse(space.events().contains("drop 10"), space.events());
  }

  @Test
  void shouldMoveSeveralAreasWhereTheKernelDoes() {
    space.supervise(10, 14);
    space.model.protect(pages(10), pages(11), 1);
    space.areas =
        List.of(new ProcMaps.Range(pages(10), pages(11)), new ProcMaps.Range(pages(11), pages(14)));
    space.answers.addAll(List.of(0L, pages(30), 0L, 0L, pages(31), 0L));
    assertEquals(pages(30), mremap(10, 4, 4, FIXED, 30));
    assertEquals("30-31 31-34", space.mappings());
    assertTrue(space.events().contains("call 25 11 3 3 #3 31"), space.events());
  }

  @Test
  void shouldLeaveTheTargetAloneWhereTheRangeHasAHole() {
    space.supervise(10, 13);
    space.supervise(30, 40);
    space.areas = List.of(new ProcMaps.Range(pages(10), pages(13)));
    space.answers.addAll(List.of(0L, pages(30), 0L));
    assertEquals(pages(30), mremap(10, 4, 4, FIXED, 30));
    assertEquals("30-40", space.mappings());
    assertTrue(space.events().contains("drop 30 33;"), space.events());
  }

  @Test
  void shouldMakeARangeOneAreaAgainBeforeItMoves() {
    space.supervise(10, 14);
    space.model.flags(pages(10), pages(11), Mapping.GUARDED | Mapping.LOCAL, 0);
    space.answers.addAll(List.of(0L, 0L, pages(30)));
    assertEquals(pages(30), mremap(10, 4, 4, MAYMOVE, 0));
    assertTrue(space.events().startsWith("localize 11 14; hold 10 14"), space.events());
    assertFalse(space.events().contains("register"), space.events());
    assertEquals("30-31! 31-34!", space.mappings());
  }

  @Test
  void shouldLeaveToTheKernelWhatItRefusesAnyhow() {
    space.supervise(10, 14);
    assertEquals(MemoryCalls.PROCEED, mremap(10, 0, 4, MAYMOVE, 0));
    assertEquals(MemoryCalls.PROCEED, mremap(10, 4, 0, MAYMOVE, 0));
    assertEquals(MemoryCalls.PROCEED, mremap(50, 4, 4, FIXED, 60));
    space.bytesInUse = pages(999);
    assertEquals(-Errno.ENOMEM, mremap(10, 4, 6, MAYMOVE, 0));
    assertEquals("", space.events());
  }
}

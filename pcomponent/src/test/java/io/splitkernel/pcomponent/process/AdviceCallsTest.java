package io.splitkernel.pcomponent.process;

import static io.splitkernel.pcomponent.process.FakeSpace.pages;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.space.Mapping;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is forgotten by madvise(2) and process_madvise(2), and what must not be. */
@Timeout(10)
final class AdviceCallsTest {
  private static final long PROCEED = MemoryCalls.PROCEED;
  private static final long REFUSED = -Errno.EPERM;
  private final FakeSpace space = new FakeSpace();

  private long madvise(long start, long pages, int advice) {
    return space.carryOut(SeenCalls.MADVISE, pages(start), pages(pages), advice);
  }

  @Test
  void shouldForgetPlainMemoryBeforeTheKernelFreesIt() {
    space.supervise(10, 20);
    assertEquals(PROCEED, madvise(12, 4, Advice.DONTNEED));
    assertEquals("drop 12 16", space.events());
  }

  @Test
  void shouldFreeAtOnceWhatMayBeFreedLater() {
    space.supervise(10, 20);
    assertEquals(0, madvise(12, 4, Advice.FREE));
    assertEquals("drop 12 16; call 28 12 4 #4 #0 #0", space.events());
  }

  @Test
  void shouldForgetNothingOfWhatTheKernelKeeps() {
    space.supervise(10, 20);
    space.model.flags(pages(14), pages(16), Mapping.SEALED, 0);
    space.answers.addAll(List.of(0L, REFUSED));
    assertEquals(REFUSED, madvise(10, 10, Advice.DONTNEED));
    assertEquals(
        "drop 10 14; call 28 10 4 #4 #0 #0; hold 14 16; call 28 14 2 #4 #0 #0; release 14 16",
        space.events());
  }

  @Test
  void shouldGoOnBehindAHoleAndSaySo() {
    space.supervise(10, 12);
    space.supervise(14, 16);
    space.answers.addAll(List.of(0L, (long) -Errno.ENOMEM, 0L));
    assertEquals(-Errno.ENOMEM, madvise(10, 6, Advice.DONTNEED));
    assertEquals(
        "drop 10 12; call 28 10 2 #4 #0 #0; call 28 12 2 #4 #0 #0; drop 14 16;"
            + " call 28 14 2 #4 #0 #0",
        space.events());
  }

  @Test
  void shouldStopWhereTheKernelStops() {
    space.supervise(14, 16);
    space.answers.add((long) -Errno.EINVAL);
    assertEquals(-Errno.EINVAL, madvise(10, 6, Advice.DONTNEED));
    assertEquals("call 28 10 4 #4 #0 #0", space.events());
  }

  @Test
  void shouldHaveGuardsWhereThePagerInstallsNothing() {
    space.supervise(10, 20);
    assertEquals(PROCEED, madvise(12, 2, Advice.GUARD_INSTALL));
    assertEquals("drop 12 14; localize 12 14", space.events());
    assertEquals("10-12 12-14! 14-20", space.mappings());
    space.events.clear();
    assertEquals(0, madvise(12, 2, Advice.GUARD_REMOVE));
    assertEquals("call 28 12 2 #103 #0 #0; register 12 14 true", space.events());
    assertEquals("10-20", space.mappings());
  }

  @Test
  void shouldKeepContentsWhereGuardsMayBeRefused() {
    space.supervise(10, 20);
    space.model.flags(pages(12), pages(14), Mapping.SEALED, 0);
    assertEquals(PROCEED, madvise(12, 2, Advice.GUARD_INSTALL));
    assertEquals("localize 12 14", space.events());
  }

  @Test
  void shouldNoteWhatAChildDoesNotGet() {
    space.supervise(10, 20);
    assertEquals(0, madvise(12, 2, Advice.WIPEONFORK));
    assertTrue(space.model.at(pages(12)).has(Mapping.WIPE_ON_FORK));
    assertEquals(0, madvise(10, 10, Advice.KEEPONFORK));
    assertFalse(space.model.at(pages(12)).has(Mapping.WIPE_ON_FORK));
    assertEquals(0, madvise(10, 2, Advice.DONTFORK));
    assertTrue(space.model.at(pages(10)).has(Mapping.DONT_FORK));
    space.answers.add((long) -Errno.EINVAL);
    assertEquals(-Errno.EINVAL, madvise(14, 2, Advice.DONTFORK));
    assertFalse(space.model.at(pages(14)).has(Mapping.DONT_FORK));
    assertFalse(space.events().contains("drop"), space.events());
  }

  @Test
  void shouldAnswerAsAKernelThatHasHugeAndMergedPages() {
    space.supervise(0, 2048);
    assertEquals(0, madvise(1, 2000, Advice.COLLAPSE));
    assertEquals(-Errno.EINVAL, madvise(1, 100, Advice.COLLAPSE));
    assertEquals("", space.events());
    assertEquals(0, madvise(1, 100, Advice.MERGEABLE));
    assertEquals("call 28 1 100 #0 #0 #0", space.events());
  }

  private long ownAdvice(long count, int advice, long... vectors) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * vectors.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long vector : vectors) {
      bytes.putLong(pages(vector));
    }
    space.memory = bytes.array();
    return space.carryOut(SeenCalls.PROCESS_MADVISE, 5, 0x1000, count, advice, 0);
  }

  @Test
  void shouldForgetWhatAProcessFreesThroughItsOwnDescriptor() {
    space.supervise(10, 20);
    assertEquals(pages(5), ownAdvice(2, Advice.DONTNEED, 12, 4, 18, 1));
    assertEquals(
        "drop 12 16; call 28 12 4 #4 #0 #0; drop 18 19; call 28 18 1 #4 #0 #0", space.events());
  }

  @Test
  void shouldAnswerForTheVectorsThatWereDone() {
    space.supervise(10, 20);
    space.answers.addAll(List.of(0L, (long) -Errno.ENOMEM));
    assertEquals(pages(4), ownAdvice(2, Advice.DONTNEED, 12, 4, 30, 1));
    space.answers.add((long) -Errno.ENOMEM);
    assertEquals(-Errno.ENOMEM, ownAdvice(1, Advice.DONTNEED, 30, 1));
    assertEquals(-Errno.EINVAL, ownAdvice(1, Advice.DONTNEED, 12, -1));
    assertEquals(-Errno.EFAULT, ownAdvice(3, Advice.DONTNEED, 12, 1));
  }

  @Test
  void shouldLeaveToTheKernelWhatIsNotTheProcesssOwn() {
    space.supervise(10, 20);
    space.isItself = false;
    assertEquals(PROCEED, ownAdvice(1, Advice.DONTNEED, 12, 4));
    assertEquals("", space.events());
  }
}

package io.splitkernel.pcomponent.process;

import static io.splitkernel.pcomponent.process.FakeSpace.pages;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.space.Mapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is locked never leaves: it is local, as long as it is locked. */
@Timeout(10)
final class LockCallsTest {
  private static final long PROCEED = MemoryCalls.PROCEED;
  private static final long LOCKED_ANONYMOUS = 0x2022;
  private final FakeSpace space = new FakeSpace();

  @Test
  void shouldBringInAndLetTheKernelLock() {
    space.supervise(10, 20);
    assertEquals(PROCEED, space.carryOut(SeenCalls.MLOCK, pages(12) + 5, pages(2)));
    assertEquals("localize 12 15", space.events());
    assertEquals("10-12 12-15! 15-20", space.mappings());
    assertEquals(pages(3), space.model.lockedBytes());
    space.events.clear();
    assertEquals(PROCEED, space.carryOut(SeenCalls.MLOCK, pages(12), pages(2)));
    assertEquals("", space.events());
  }

  @Test
  void shouldSuperviseAgainWhatIsUnlocked() {
    space.supervise(10, 20);
    space.carryOut(SeenCalls.MLOCK2, pages(12), pages(4), 1);
    space.events.clear();
    assertEquals(0, space.carryOut(SeenCalls.MUNLOCK, pages(12), pages(2)));
    assertEquals("call 150 12 2 #0 #0 #0; register 12 14 true", space.events());
    assertEquals("10-14 14-16! 16-20", space.mappings());
    space.answers.add((long) -Errno.ENOMEM);
    assertEquals(-Errno.ENOMEM, space.carryOut(SeenCalls.MUNLOCK, pages(12), pages(20)));
    assertEquals("10-14 14-16! 16-20", space.mappings());
    assertEquals(0, space.carryOut(SeenCalls.MUNLOCKALL));
    assertEquals("10-20", space.mappings());
    assertEquals(0, space.model.lockedBytes());
  }

  @Test
  void shouldBoundWhatIsLockedByAShareOfTheCache() {
    space.supervise(10, 200);
    assertEquals(-Errno.ENOMEM, space.carryOut(SeenCalls.MLOCK, pages(10), pages(51)));
    assertEquals(PROCEED, space.carryOut(SeenCalls.MLOCK, pages(10), pages(50)));
    assertEquals(PROCEED, space.carryOut(SeenCalls.MLOCK, pages(10), pages(50)));
    assertEquals(-Errno.ENOMEM, space.carryOut(SeenCalls.MLOCK, pages(60), pages(1)));
    assertEquals(-Errno.ENOMEM, space.carryOut(SeenCalls.MLOCKALL, 1));
    assertEquals(
        -Errno.EAGAIN, space.carryOut(SeenCalls.MMAP, 0, pages(1), 3, LOCKED_ANONYMOUS, -1));
    assertEquals("localize 10 60", space.events());
  }

  @Test
  void shouldBringNothingInForACallThatTheKernelRefuses() {
    space.supervise(10, 20);
    space.lockLimit = pages(2);
    assertEquals(PROCEED, space.carryOut(SeenCalls.MLOCK, pages(10), pages(3)));
    assertEquals(PROCEED, space.carryOut(SeenCalls.MLOCKALL, 1));
    assertEquals(
        -Errno.EAGAIN, space.carryOut(SeenCalls.MMAP, 0, pages(3), 3, LOCKED_ANONYMOUS, -1));
    space.lockLimit = 0;
    assertEquals(
        -Errno.EPERM, space.carryOut(SeenCalls.MMAP, 0, pages(1), 3, LOCKED_ANONYMOUS, -1));
    assertEquals("", space.events());
    assertEquals("10-20", space.mappings());
  }

  @Test
  void shouldNotSuperviseWhatIsMappedLocked() {
    space.answers.add(pages(10));
    space.carryOut(SeenCalls.MMAP, 0, pages(4), 3, LOCKED_ANONYMOUS, -1);
    assertEquals(
        "call 9 #0 4 #3 #8226 #-1; drop 10 14; call 28 10 4 #23 #0 #0", // POPULATE_WRITE
        space.events());
    assertEquals("10-14!", space.mappings());
    assertEquals(0, space.carryOut(SeenCalls.MLOCKALL, 2));
    assertTrue(space.model.isFutureLocked());
    space.answers.add(pages(30));
    space.carryOut(SeenCalls.MMAP, 0, pages(4), 3, 0x22, -1);
    assertEquals("10-14! 30-34!", space.mappings());
  }

  @Test
  void shouldLockEverythingButItsOwn() {
    space.supervise(10, 20);
    assertEquals(0, space.carryOut(SeenCalls.MLOCKALL, 3));
    assertEquals( // on fault at first, as the agent must wait for nobody
        "localize 10 20; call 151 #7 #0 #0 #0 #0; unlockOwn; call 28 10 10 #23 #0 #0",
        space.events());
    assertEquals("10-20!", space.mappings());
    assertEquals(pages(10), space.model.lockedBytes());
  }

  @Test
  void shouldSuperviseOnWhenTheKernelDoesNotLockEverything() {
    space.supervise(10, 20);
    space.answers.add((long) -Errno.EPERM);
    assertEquals(-Errno.EPERM, space.carryOut(SeenCalls.MLOCKALL, 3));
    assertEquals("10-20", space.mappings());
    assertFalse(space.model.isFutureLocked());
  }

  @Test
  void shouldRefuseWhatCannotBeBroughtIn() {
    space.supervise(10, 20);
    space.localizeAnswer = -Errno.ENOMEM;
    assertEquals(-Errno.ENOMEM, space.carryOut(SeenCalls.MLOCK, pages(12), pages(2)));
    assertEquals("10-20", space.mappings());
    assertFalse(space.model.at(pages(12)).has(Mapping.LOCKED));
  }
}

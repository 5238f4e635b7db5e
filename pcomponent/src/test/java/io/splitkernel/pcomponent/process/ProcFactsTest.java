package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Syscall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The facts about this very process. */
@Timeout(30)
final class ProcFactsTest {
  private static final long SYS_PIDFD_OPEN = 434;
  private static final int SELF = (int) ProcessHandle.current().pid();
  private static final int NOBODY = 1 << 29;
  private final ProcFacts facts = new ProcFacts();

  @Test
  void shouldTellWhatIsMapped() {
    long at = RawMemory.map(8192);
    assertEquals(List.of(new ProcMaps.Range(at, at + 4096)), facts.areas(SELF, at, at + 4096));
    assertTrue(facts.sizeBytes(SELF) > 8192);
    RawMemory.unmap(at, 8192);
    assertEquals(List.of(), facts.areas(NOBODY, 0, Long.MAX_VALUE));
    assertEquals(0, facts.sizeBytes(NOBODY));
  }

  @Test
  void shouldKnowADescriptorOfTheProcessItself() {
    int own = (int) Syscall.call(SYS_PIDFD_OPEN, SELF, 0, 0);
    int init = (int) Syscall.call(SYS_PIDFD_OPEN, 1, 0, 0);
    assertTrue(facts.isItself(SELF, own));
    assertTrue(facts.isItself(SELF, -10_000));
    assertFalse(facts.isItself(SELF, init));
    assertFalse(facts.isItself(SELF, 0));
    assertFalse(facts.isItself(SELF, 1 << 20));
    FileDescriptor.close(own);
    FileDescriptor.close(init);
  }

  @Test
  void shouldLeaveLimitsAloneThatAreTheSame() {
    facts.lendLimits(SELF, SELF);
    assertTrue(facts.lockLimitBytes(SELF) >= 0);
    assertEquals(Long.MAX_VALUE, facts.lockLimitBytes(NOBODY));
    assertEquals("", facts.path(SELF, 1 << 20));
    assertEquals(0, facts.segmentBytes(-1));
  }
}

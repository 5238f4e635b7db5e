package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.ProcessMemory;
import io.splitkernel.pcomponent.fault.EvictionBatch;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Orders that no agent has looked at. */
@Timeout(30)
final class InProgramAgentTest {
  private static final long PAGE = EvictionBatch.PAGE_BYTES;

  @Test
  void shouldLeavePagesWhereTheyAreUntilTheAgentIsThereAndWhenItIsGone() throws Exception {
    try (Arena arena = Arena.ofConfined();
        AgentWindow window = AgentWindow.create()) {
      EvictionBatch batch = new EvictionBatch(arena.allocate(PAGE * EvictionBatch.PAGES_MAX));
      ProcessMemory memory = ProcessMemory.open((int) ProcessHandle.current().pid());
      InProgramAgent agent = new InProgramAgent(window.take(), memory, Long.MAX_VALUE);
      for (int i = 0; i < 2; i++) {
        assertRefused(agent, batch);
        agent.end(); // and once more
      }
      agent.free();
    }
  }

  private static void assertRefused(InProgramAgent agent, EvictionBatch batch) {
    batch.clear();
    batch.add(7 * PAGE);
    batch.add(9 * PAGE);
    assertTrue(agent.moveOut(batch));
    assertEquals(-Errno.EAGAIN, batch.result(0));
    assertEquals(-Errno.EAGAIN, batch.result(1));

    batch.clear();
    batch.add(7 * PAGE);
    assertTrue(agent.discard(batch));
    assertEquals(-Errno.EAGAIN, batch.result(0));
  }
}

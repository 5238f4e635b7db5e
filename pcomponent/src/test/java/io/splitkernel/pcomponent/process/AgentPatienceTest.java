package io.splitkernel.pcomponent.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AgentPatienceTest {
  private static final int SIGSTOP = 19;
  private static final int SIGCONT = 18;
  private static final long LONG_NS = 1L << 60;

  private Process agent;
  private int pid;

  @BeforeEach
  void startAgent() throws IOException {
    agent = new ProcessBuilder("sleep", "100").start();
    pid = (int) agent.pid();
  }

  @AfterEach
  void endAgent() {
    agent.destroyForcibly();
  }

  private AgentPatience lost() {
    AgentPatience lost = new AgentPatience(0, LONG_NS);
    lost.begin();
    await().until(lost::isLate);
    return lost;
  }

  @Test
  void shouldEndWhenTheAgentCouldHaveAnswered() {
    assertThrows(IllegalStateException.class, () -> lost().check(pid));
  }

  @Test
  void shouldBeginAnewWhileTheAgentIsStopped() {
    ProcessKiller.signal(pid, SIGSTOP);
    await().until(() -> TaskState.isSuspended(pid));

    lost().check(pid);

    ProcessKiller.signal(pid, SIGCONT);
    await().until(() -> !TaskState.isSuspended(pid));
    assertThrows(IllegalStateException.class, () -> lost().check(pid));
  }

  @Test
  void shouldNotCountTimeInWhichItDidNotLook() {
    AgentPatience patience = new AgentPatience(LONG_NS, 1);
    patience.begin();

    assertTrue(patience.waitedNs() <= 2);
  }

  @Test
  void shouldTellTheEndOfATask() throws InterruptedException {
    assertFalse(TaskState.hasEnded(pid));
    agent.destroyForcibly().waitFor();

    assertTrue(TaskState.hasEnded(pid));
    assertFalse(TaskState.isSuspended(pid));
  }
}

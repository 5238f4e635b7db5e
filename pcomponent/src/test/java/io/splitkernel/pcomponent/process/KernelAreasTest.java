package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel says when asked, against what it has written down. */
@Timeout(30)
final class KernelAreasTest {
  private static final int NOBODY = 1 << 29;
  private Process process;
  private int pid;
  private List<ProcMaps.Range> all;

  @BeforeEach
  void start() throws IOException {
    process = new ProcessBuilder("sh", "-c", "echo; exec cat >&2").start();
    process.getInputStream().read(); // until here: its own program, not this one's any more
    while (!process.info().command().orElse("").endsWith("cat")) {
      Thread.onSpinWait();
    }
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    process.getErrorStream().read(); // it copies: everything that it maps is mapped
    pid = (int) process.pid();
    all = KernelAreas.read("/proc/" + pid + "/maps", 0, Long.MAX_VALUE);
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  @Test
  void shouldTellAllAreas() {
    assertFalse(all.isEmpty());
    assertEquals(all, KernelAreas.of(pid, 0, Long.MAX_VALUE));
  }

  @Test
  void shouldTellWholeAreasThatMeetARange() {
    ProcMaps.Range first = all.get(1);
    ProcMaps.Range second = all.get(2);
    assertEquals(List.of(first), KernelAreas.of(pid, first.end() - 1, first.end()));
    assertEquals(
        List.of(first), KernelAreas.read("/proc/" + pid + "/maps", first.end() - 1, first.end()));
    assertEquals(List.of(first, second), KernelAreas.of(pid, first.end() - 1, second.start() + 1));
    assertEquals(List.of(), KernelAreas.of(pid, 0, all.getFirst().start()));
    assertEquals(List.of(), KernelAreas.of(NOBODY, 0, Long.MAX_VALUE));
  }
}

package io.splitkernel.launcher.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdlePolicyTest {
  @TempDir Path sys;

  private void write(String file, String content) throws IOException {
    Path path = sys.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content + "\n");
  }

  @Test
  void shouldNameTheSettingWhenIdleProcessorsHaltAtOnce() throws IOException {
    write("devices/system/cpu/cpuidle/current_driver", "haltpoll");
    write("module/haltpoll/parameters/guest_halt_poll_ns", "0");
    Finding finding = IdlePolicy.examine(sys);
    assertEquals(Finding.Verdict.LIMITED, finding.verdict());
    assertTrue(finding.cure().endsWith("guest_halt_poll_ns"), finding.cure());
  }

  @Test
  void shouldBeContentWhenIdleProcessorsPollFirst() throws IOException {
    write("devices/system/cpu/cpuidle/current_driver", "haltpoll");
    write("module/haltpoll/parameters/guest_halt_poll_ns", "200000");
    assertEquals(Finding.Verdict.YES, IdlePolicy.examine(sys).verdict());
  }

  @Test
  void shouldBeContentWithRealHardware() throws IOException {
    write("devices/system/cpu/cpuidle/current_driver", "intel_idle");
    assertEquals(Finding.Verdict.YES, IdlePolicy.examine(sys).verdict());
    assertEquals(Finding.Verdict.YES, IdlePolicy.examine(sys.resolve("none")).verdict());
  }
}

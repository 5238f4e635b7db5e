package io.splitkernel.pcomponent.process;

import static org.awaitility.Awaitility.await;

import io.splitkernel.pcomponent.access.UserfaultfdAccess;
import io.splitkernel.pcomponent.fault.FaultLatency;
import io.splitkernel.pcomponent.fault.Pager;
import io.splitkernel.pcomponent.fault.PagerConfig;
import io.splitkernel.pcomponent.fault.ProcessorCounter;
import io.splitkernel.pcomponent.fault.ProcessorCounters;
import io.splitkernel.pcomponent.region.LocalMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A real program with a pager of its own, whose memory component is a part of this process. */
final class SupervisedProgram {
  private static final long MEMORY_BYTES = 1L << 30;

  private SupervisedProgram() {}

  /** Runs it to its end. */
  static ProgramEnd run(long cacheBytes, ProcessorCounters counters, String... argv)
      throws IOException {
    List<byte[]> arguments = new ArrayList<>();
    for (String argument : argv) {
      arguments.add(argument.getBytes(StandardCharsets.UTF_8));
    }
    List<byte[]> environment = new ArrayList<>();
    System.getenv()
        .forEach((k, v) -> environment.add((k + "=" + v).getBytes(StandardCharsets.UTF_8)));
    Supervisor supervisor =
        new Supervisor(
            new SupervisorConfig(
                MEMORY_BYTES,
                SupervisorConfig.AGENT_DEADLINE_NS_DEFAULT,
                true,
                cacheBytes,
                UserfaultfdAccess.HELPER_DEFAULT),
            counters);
    PagerConfig config = PagerConfig.of(cacheBytes, MEMORY_BYTES);
    try (LocalMemory remote = new LocalMemory(MEMORY_BYTES);
        Pager pager = new Pager(config, remote, counters, new FaultLatency(), supervisor)) {
      pager.start();
      ProgramEnd end = supervisor.run(new ProgramSpec(arguments, environment, "", ""), pager);
      await("no address space is left").until(() -> counters.get(ProcessorCounter.SPACES) == 0);
      return end;
    }
  }
}

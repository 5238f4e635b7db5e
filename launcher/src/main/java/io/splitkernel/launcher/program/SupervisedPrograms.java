package io.splitkernel.launcher.program;

import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.pcomponent.fault.FaultLatency;
import io.splitkernel.pcomponent.fault.FaultStage;
import io.splitkernel.pcomponent.fault.ProcessorCounter;
import io.splitkernel.pcomponent.fault.ProcessorCounters;
import io.splitkernel.pcomponent.node.ClusterProgram;
import io.splitkernel.pcomponent.node.ProcessorConfig;
import io.splitkernel.pcomponent.process.ProgramEnd;
import io.splitkernel.pcomponent.process.ProgramSpec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Runs programs under a processor component in this process. */
public final class SupervisedPrograms implements ProgramHost {
  @Override
  public ProgramOutcome run(ProgramRequest request) throws LegoFailure {
    ClusterProgram program =
        new ClusterProgram(
            request.fabric(),
            request.monitor(),
            request.secret(),
            ProcessorConfig.of(request.cacheBytes(), request.memoryBytes()));
    ClusterProgram.Outcome outcome;
    try {
      outcome =
          program.run(
              new ProgramSpec(
                  request.arguments(), request.environment(), request.keptDescriptors(), ""));
    } catch (IOException | IllegalStateException e) {
      throw new LegoFailure(LegoFailure.RUN_FAILURE, e.getMessage(), e);
    }
    ProgramEnd end = outcome.end();
    switch (end.cause()) {
      case PROGRAM -> {}
      case OUT_OF_MEMORY -> System.err.println("lego: " + end.reason());
      case LEGO -> throw new LegoFailure(LegoFailure.RUN_FAILURE, end.reason());
    }
    return new ProgramOutcome(
        end.exitStatus(), counters(outcome.counters()), faultLatency(outcome.latency()));
  }

  private static Map<String, Long> counters(ProcessorCounters counters) {
    Map<String, Long> values = new LinkedHashMap<>();
    for (ProcessorCounter counter : ProcessorCounter.values()) {
      values.put(counter.name().toLowerCase(Locale.ROOT), counters.get(counter));
    }
    return values;
  }

  private static ProgramOutcome.FaultLatency faultLatency(FaultLatency latency) {
    Histogram all = latency.snapshot(FaultStage.ALL);
    return new ProgramOutcome.FaultLatency(
        all.getValueAtPercentile(50),
        all.getValueAtPercentile(90),
        all.getValueAtPercentile(99),
        all.getValueAtPercentile(99.9),
        all.getMaxValue());
  }
}

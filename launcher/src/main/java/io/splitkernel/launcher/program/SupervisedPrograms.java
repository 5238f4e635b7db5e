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
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
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
            ProcessorConfig.of(request.pager(), request.privilegeHelper()),
            request.startGraceNs());
    ClusterProgram.Outcome outcome =
        onTracerThread(() ->
            program.run(
                new ProgramSpec(
                    request.arguments(),
                    request.environment(),
                    request.keptDescriptors(),
                    request.directory(),
                    request.inherited())));
    ProgramEnd end = outcome.end();
    end.notes().forEach(note -> System.err.println("lego: " + note));
    switch (end.cause()) {
      case PROGRAM -> {}
      case OUT_OF_MEMORY -> System.err.println("lego: " + end.reason());
      case LEGO -> throw new LegoFailure(LegoFailure.RUN_FAILURE, end.reason());
    }
    return new ProgramOutcome(
        end.exitStatus(), counters(outcome.counters()), faultLatency(outcome.latency()));
  }

  /**
   * The tracer waits for whatever its own thread has started, so that must be the program alone and
   * not, for example, a memory component.
   */
  private static <T> T onTracerThread(Callable<T> work) throws LegoFailure {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().name("lego-tracer").start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      String message = e.getCause().getMessage();
      throw new LegoFailure(
          LegoFailure.RUN_FAILURE, message == null ? e.getCause().toString() : message, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LegoFailure(LegoFailure.RUN_FAILURE, "interrupted", e);
    }
  }

  private static Map<String, Long> counters(ProcessorCounters counters) {
    Map<String, Long> values = new LinkedHashMap<>();
    for (ProcessorCounter counter : ProcessorCounter.values()) {
      values.put(nameOf(counter), counters.get(counter));
    }
    return values;
  }

  /** Gauges are reported as they stand at the end. */
  private static String nameOf(ProcessorCounter counter) {
    return switch (counter) {
      case RESIDENT_BYTES -> "resident_end_bytes";
      case IN_USE_BYTES -> "in_use_end_bytes";
      default -> counter.name().toLowerCase(Locale.ROOT);
    };
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

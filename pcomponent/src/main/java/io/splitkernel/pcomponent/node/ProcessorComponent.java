package io.splitkernel.pcomponent.node;

import io.splitkernel.pcomponent.fault.FaultLatency;
import io.splitkernel.pcomponent.fault.Pager;
import io.splitkernel.pcomponent.fault.ProcessorCounters;
import io.splitkernel.pcomponent.fault.RemoteMemory;
import io.splitkernel.pcomponent.process.ProgramEnd;
import io.splitkernel.pcomponent.process.ProgramSpec;
import io.splitkernel.pcomponent.process.Supervisor;
import io.splitkernel.pcomponent.process.Suspension;
import java.io.IOException;

/** A processor component that runs one program with all its descendants. */
public final class ProcessorComponent {
  private final ProcessorConfig config;
  private final RemoteMemory remote;
  private final Supervisor supervisor;
  private final ProcessorCounters counters = new ProcessorCounters();
  private final FaultLatency latency = new FaultLatency();

  /**
   * @param config settings.
   * @param remote where pages go; stays the caller's, who closes it after {@link #run}.
   */
  public ProcessorComponent(ProcessorConfig config, RemoteMemory remote) {
    this.config = config;
    this.remote = remote;
    this.supervisor = new Supervisor(config.supervisor(), counters);
  }

  /**
   * Sends the program a signal. Any thread.
   *
   * @param signal number.
   * @return false when it does not run.
   */
  public boolean signal(int signal) {
    return supervisor.signal(signal);
  }

  /**
   * Ends the program with all its descendants because Lego cannot go on. Any thread.
   *
   * @param reason one line.
   */
  public void abort(String reason) {
    supervisor.abort(reason);
  }

  /** What has been counted so far; live, any thread. */
  public ProcessorCounters counters() {
    return counters;
  }

  /** What faults have taken so far; live, any thread. */
  public FaultLatency latency() {
    return latency;
  }

  /**
   * Runs a program to the end of its last descendant. Once, on a platform thread.
   *
   * @param spec what to run.
   * @param suspension called around the times in which this process is stopped with the program.
   * @return how it ended.
   * @throws IOException when it cannot be started or supervised.
   */
  public ProgramEnd run(ProgramSpec spec, Suspension suspension) throws IOException {
    try (Pager pager = new Pager(config.pager(), remote, counters, latency, supervisor)) {
      pager.start();
      return supervisor.run(spec, pager, suspension);
    }
  }
}

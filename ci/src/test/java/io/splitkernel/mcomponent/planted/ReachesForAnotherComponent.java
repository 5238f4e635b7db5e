package io.splitkernel.mcomponent.planted;

import io.splitkernel.monitor.planted.MonitorOffender;

/** Breaks the rule on arrows: a memory component that calls the monitor directly. */
public final class ReachesForAnotherComponent {
  private ReachesForAnotherComponent() {}

  static Object offend() {
    return new MonitorOffender();
  }
}

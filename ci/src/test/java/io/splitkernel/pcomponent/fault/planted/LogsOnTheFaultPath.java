package io.splitkernel.pcomponent.fault.planted;

import org.slf4j.LoggerFactory;

/** Breaks the rule on the data path. */
public final class LogsOnTheFaultPath {
  private LogsOnTheFaultPath() {}

  static void offend() {
    LoggerFactory.getLogger("fault").info("a page fault");
  }
}

package io.splitkernel.pcomponent.node;

import io.splitkernel.pcomponent.access.UserfaultfdAccess;
import io.splitkernel.pcomponent.fault.PagerConfig;
import io.splitkernel.pcomponent.process.SupervisorConfig;
import java.nio.file.Path;

/**
 * Settings of a processor component.
 *
 * @param pager of the page-fault side.
 * @param supervisor of the process side.
 */
public record ProcessorConfig(PagerConfig pager, SupervisorConfig supervisor) {
  /**
   * The defaults for given sizes.
   *
   * @param cacheBytes local DRAM for program pages, at least 64 KiB.
   * @param memoryBytes what all pages of the program may take.
   * @return the settings.
   */
  public static ProcessorConfig of(long cacheBytes, long memoryBytes) {
    return of(PagerConfig.of(cacheBytes, memoryBytes));
  }

  /**
   * The defaults for a given pager.
   *
   * @param pager of the page-fault side; its memory bounds the program's.
   * @return the settings.
   */
  public static ProcessorConfig of(PagerConfig pager) {
    return of(pager, UserfaultfdAccess.HELPER_DEFAULT);
  }

  /**
   * The defaults for a given pager.
   *
   * @param pager of the page-fault side; its memory bounds the program's.
   * @param privilegeHelper program that has the privilege which an ordinary user lacks.
   * @return the settings.
   */
  public static ProcessorConfig of(PagerConfig pager, Path privilegeHelper) {
    return new ProcessorConfig(
        pager,
        new SupervisorConfig(
            pager.memoryBytes(),
            SupervisorConfig.AGENT_DEADLINE_NS_DEFAULT,
            KernelRelease.current().isAtLeast(6, 8),
            pager.cacheBytes(),
            privilegeHelper));
  }
}

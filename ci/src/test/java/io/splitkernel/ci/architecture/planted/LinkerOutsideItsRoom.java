package io.splitkernel.ci.architecture.planted;

import java.lang.foreign.Linker;

/** Breaks the rule on native calls. */
public final class LinkerOutsideItsRoom {
  private LinkerOutsideItsRoom() {}

  static Object offend() {
    return Linker.nativeLinker();
  }
}

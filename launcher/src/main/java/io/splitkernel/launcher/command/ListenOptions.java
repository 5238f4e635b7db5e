package io.splitkernel.launcher.command;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.launcher.LegoFailure;
import picocli.CommandLine.Option;

/** Where a component listens, and how it lives. */
final class ListenOptions {
  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:0",
      description = "Where to listen; port 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  private String listen;

  @Option(names = "--detached", hidden = true)
  private boolean detached;

  @Option(names = "--tethered", hidden = true)
  private boolean tethered;

  FabricAddress address() throws LegoFailure {
    try {
      return FabricAddress.parse(listen);
    } catch (IllegalArgumentException e) {
      throw new LegoFailure(LegoFailure.USAGE, "--listen: " + e.getMessage(), e);
    }
  }

  void detachWhenAsked() throws LegoFailure {
    if (detached) {
      Component.detach();
    }
    if (tethered) {
      Component.endWithStdin();
    }
  }
}

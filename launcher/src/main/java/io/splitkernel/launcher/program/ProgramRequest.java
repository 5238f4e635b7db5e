package io.splitkernel.launcher.program;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.pcomponent.fault.PagerConfig;
import io.splitkernel.pcomponent.process.Inherited;
import io.splitkernel.protocol.Secret;
import java.nio.file.Path;
import java.util.List;

/**
 * One program to run. Texts are bytes, because Linux gives them no encoding.
 *
 * @param arguments with the program's name first.
 * @param environment as NAME=VALUE.
 * @param keptDescriptors comma-separated file descriptors above 2 that the program inherits, and
 *     {@code -N} for a standard descriptor that is closed.
 * @param directory where it starts, or {@code @N} for the directory that descriptor N is open on,
 *     or empty for this process's.
 * @param inherited what this process may have changed for itself, as the program is to have it.
 * @param pager how its pages are cached, and how many there may be.
 * @param startGraceNs how long its first memory is waited for.
 * @param privilegeHelper program that has the privilege which an ordinary user lacks.
 * @param fabric to reach the cluster; stays the caller's.
 * @param monitor of the cluster.
 * @param secret of the cluster.
 */
public record ProgramRequest(
    List<byte[]> arguments,
    List<byte[]> environment,
    String keptDescriptors,
    String directory,
    Inherited inherited,
    PagerConfig pager,
    long startGraceNs,
    Path privilegeHelper,
    Fabric fabric,
    FabricAddress monitor,
    Secret secret) {
  /**
   * The same program in another working directory.
   *
   * @param other absolute path.
   * @return the new request.
   */
  public ProgramRequest in(String other) {
    return new ProgramRequest(
        arguments,
        RawArguments.inDirectory(environment, other),
        keptDescriptors,
        other,
        inherited,
        pager,
        startGraceNs,
        privilegeHelper,
        fabric,
        monitor,
        secret);
  }
}

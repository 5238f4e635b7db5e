package io.splitkernel.launcher.program;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.pcomponent.fault.PagerConfig;
import io.splitkernel.protocol.Secret;
import java.util.List;

/**
 * One program to run. Texts are bytes, because Linux gives them no encoding.
 *
 * @param arguments with the program's name first.
 * @param environment as NAME=VALUE.
 * @param keptDescriptors comma-separated file descriptors above 2 that the program inherits.
 * @param pager how its pages are cached, and how many there may be.
 * @param fabric to reach the cluster; stays the caller's.
 * @param monitor of the cluster.
 * @param secret of the cluster.
 */
public record ProgramRequest(
    List<byte[]> arguments,
    List<byte[]> environment,
    String keptDescriptors,
    PagerConfig pager,
    Fabric fabric,
    FabricAddress monitor,
    Secret secret) {}

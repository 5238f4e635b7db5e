package io.splitkernel.launcher.program;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.protocol.Secret;
import java.util.List;

/**
 * One program to run. Texts are bytes, because Linux gives them no encoding.
 *
 * @param arguments with the program's name first.
 * @param environment as NAME=VALUE.
 * @param keptDescriptors comma-separated file descriptors above 2 that the program inherits.
 * @param cacheBytes bound of resident pages, whole pages.
 * @param memoryBytes bound of remote memory, whole pages.
 * @param fabric to reach the cluster; stays the caller's.
 * @param monitor of the cluster.
 * @param secret of the cluster.
 */
public record ProgramRequest(
    List<byte[]> arguments,
    List<byte[]> environment,
    String keptDescriptors,
    long cacheBytes,
    long memoryBytes,
    Fabric fabric,
    FabricAddress monitor,
    Secret secret) {}

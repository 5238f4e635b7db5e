package io.splitkernel.protocol.files.server;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeProvider;
import io.splitkernel.protocol.rpc.ConnectionPreamble;
import io.splitkernel.protocol.rpc.MessageHandler;
import io.splitkernel.protocol.sbe.FileCallDecoder;
import io.splitkernel.protocol.sbe.OpenFilesDecoder;
import java.util.ArrayList;
import java.util.List;

/** Carries out file operations of clients on volumes. Any thread. */
public final class FileServer implements AutoCloseable {
  private final Fabric fabric;
  private final VolumeProvider volumes;
  private final FileServerConfig config;
  private final FileServerEvents events;
  private final ProtectionDomain domain;
  private final FabricMemory memory;
  private final MemoryRegion region;
  private final FairJobs jobs;
  private final List<FileWorker> workers = new ArrayList<>();
  private final FileSessions sessions;
  private final SyncFailures failures = new SyncFailures();

  private FileServer(
      Fabric fabric,
      VolumeProvider volumes,
      FileServerConfig config,
      FileServerEvents events,
      ProtectionDomain domain,
      FabricMemory memory,
      MemoryRegion region) {
    this.fabric = fabric;
    this.volumes = volumes;
    this.config = config;
    this.events = events;
    this.domain = domain;
    this.memory = memory;
    this.region = region;
    this.jobs = new FairJobs(config.workers(), config.queuedBytesMax());
    this.sessions = new FileSessions(config.drainNs(), events);
  }

  /**
   * Starts the workers.
   *
   * @param fabric of this process; stays the caller's.
   * @param volumes to serve; stay the caller's.
   * @param config limits.
   * @param events what to count.
   * @return the server, the caller's to close.
   * @throws FabricException when the buffers cannot be had.
   */
  public static FileServer start(
      Fabric fabric, VolumeProvider volumes, FileServerConfig config, FileServerEvents events)
      throws FabricException {
    ProtectionDomain domain = fabric.allocateProtectionDomain();
    FabricMemory memory = null;
    try {
      long bytes = config.bufferBytes();
      memory = fabric.allocateMemory(bytes, "lego-files");
      MemoryRegion region =
          domain.register(memory, 0, bytes, memory.segment().address(), Access.LOCAL_WRITE);
      FileServer server = new FileServer(fabric, volumes, config, events, domain, memory, region);
      server.startWorkers();
      return server;
    } catch (FabricException e) {
      if (memory != null) {
        memory.close();
      }
      domain.close();
      throw e;
    }
  }

  private void startWorkers() {
    for (int i = 0; i < config.workers(); i++) {
      long offset = (long) i * Volume.TRANSFER_BYTES_MAX;
      FileOperations operations =
          new FileOperations(
              volumes,
              failures,
              memory.segment().asSlice(offset, Volume.TRANSFER_BYTES_MAX),
              config.inlineBytesMax());
      FileWorker worker = new FileWorker(i, jobs, operations, events);
      workers.add(worker);
      worker.start();
    }
  }

  /**
   * Whether a message is one for file servers.
   *
   * @param templateId of the message.
   * @return true when {@link #session}'s handler takes it.
   */
  public static boolean handles(int templateId) {
    return templateId == OpenFilesDecoder.TEMPLATE_ID || templateId == FileCallDecoder.TEMPLATE_ID;
  }

  /**
   * What handles the file messages of one connection.
   *
   * @return a new handler.
   */
  public MessageHandler session() {
    return new FileSession(this);
  }

  /**
   * A client wants the connection for one-sided transfers.
   *
   * @param request untrusted.
   * @param preamble untrusted.
   */
  public void onDataRequest(ConnectionRequest request, ConnectionPreamble preamble) {
    sessions.acceptData(request, preamble);
  }

  Fabric fabric() {
    return fabric;
  }

  VolumeProvider volumes() {
    return volumes;
  }

  FileServerConfig config() {
    return config;
  }

  ProtectionDomain domain() {
    return domain;
  }

  MemoryRegion region() {
    return region;
  }

  FileServerEvents events() {
    return events;
  }

  FileSessions sessions() {
    return sessions;
  }

  FairJobs jobs() {
    return jobs;
  }

  /** Ends the workers; the connections must have been closed before. */
  @Override
  public void close() {
    workers.forEach(FileWorker::stop);
    workers.forEach(FileWorker::join);
    region.close();
    domain.close();
    memory.close();
  }
}

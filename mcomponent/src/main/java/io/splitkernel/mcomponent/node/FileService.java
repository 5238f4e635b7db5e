package io.splitkernel.mcomponent.node;

import io.splitkernel.fabric.ConnectionRequest;
import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.mcomponent.MemoryCounter;
import io.splitkernel.mcomponent.files.FileCaches;
import io.splitkernel.protocol.cluster.CounterSource;
import io.splitkernel.protocol.cluster.MonitorClient;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.files.server.FileServer;
import io.splitkernel.protocol.files.server.FileServerEvents;
import io.splitkernel.protocol.rpc.ConnectionPreamble;
import io.splitkernel.protocol.rpc.Message;
import io.splitkernel.protocol.rpc.MessageHandler;
import io.splitkernel.protocol.rpc.ProtocolViolation;
import io.splitkernel.protocol.rpc.RpcConnection;

/** The cache of files as a part of the component, or its absence. */
final class FileService implements AutoCloseable {
  private final Counters<MemoryCounter> counters;
  private FileCaches caches;
  private FileServer server;

  private FileService(Counters<MemoryCounter> counters) {
    this.counters = counters;
  }

  static FileService start(
      Fabric fabric, MemoryComponentConfig config, Counters<MemoryCounter> counters)
      throws FabricException {
    FileService service = new FileService(counters);
    if (config.files().bytes() > 0 && config.monitor() != null) {
      service.caches =
          FileCaches.open(fabric, config.name(), config.secret(), config.files(), counters);
      boolean started = false;
      try {
        service.server =
            FileServer.start(
                fabric, service.caches, config.files().server(), service.countedClients());
        started = true;
      } finally {
        if (!started) {
          service.caches.close();
        }
      }
    }
    return service;
  }

  private FileServerEvents countedClients() {
    return new FileServerEvents() {
      @Override
      public void onClients(int change) {
        counters.add(MemoryCounter.FILE_CLIENTS, change);
      }
    };
  }

  /** Handles a connection's file messages and hands on all others. */
  MessageHandler with(MessageHandler others) {
    if (server == null) {
      return others;
    }
    MessageHandler files = server.session();
    return new MessageHandler() {
      @Override
      public void onMessage(Message message, RpcConnection from) throws ProtocolViolation {
        boolean file = FileServer.handles(message.templateId());
        (file ? files : others).onMessage(message, from);
      }

      @Override
      public void onClosed(RpcConnection from, String reason) {
        try {
          others.onClosed(from, reason);
        } finally {
          files.onClosed(from, reason);
        }
      }
    };
  }

  void onDataRequest(ConnectionRequest request, ConnectionPreamble preamble) {
    if (server == null) {
      request.reject("no files here");
    } else {
      server.onDataRequest(request, preamble);
    }
  }

  void joined(MonitorClient monitor) {
    if (caches != null) {
      caches.joined(monitor);
    }
  }

  /** The component's counters, with gauges as they are when they are read. */
  CounterSource counters() {
    return new CounterSource() {
      @Override
      public String[] names() {
        return counters.names();
      }

      @Override
      public void read(long[] into) {
        count();
        counters.read(into);
      }

      @Override
      public long freeBytes() {
        return counters.freeBytes();
      }
    };
  }

  void count() {
    if (caches != null) {
      caches.count();
    }
  }

  /** Serves nobody any more. */
  void stop() {
    if (caches != null) {
      caches.stop();
    }
  }

  /** Writes back and gives up, while the component is a member. */
  void drain() {
    if (caches != null) {
      caches.drain();
    }
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
      caches.close();
    }
  }
}

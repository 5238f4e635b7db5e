package io.splitkernel.scomponent.node;

import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.files.server.FileServerEvents;
import io.splitkernel.scomponent.StorageCounter;

/** Counts what the file server does. */
record CountedFiles(Counters<StorageCounter> counters) implements FileServerEvents {
  @Override
  public void onClients(int change) {
    counters.add(StorageCounter.CLIENTS, change);
  }

  @Override
  public void onOperation(long readBytes, long writtenBytes) {
    counters.increment(StorageCounter.OPERATIONS);
    counters.add(StorageCounter.READ_BYTES, readBytes);
    counters.add(StorageCounter.WRITTEN_BYTES, writtenBytes);
  }
}

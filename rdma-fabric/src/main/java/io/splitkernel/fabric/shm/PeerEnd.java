package io.splitkernel.fabric.shm;

import io.splitkernel.ffi.EventFd;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.RawMemory;

/**
 * The other end of a connection, as it introduced itself.
 *
 * @param domain protection domain of the peer's end.
 * @param remoteAccess what its end allows at all.
 * @param queue number of its receive queue in its table.
 * @param queueEventFd wakes its receive queue.
 * @param doorbellFd wakes its event thread.
 * @param pid its process.
 */
record PeerEnd(int domain, int remoteAccess, int queue, int queueEventFd, int doorbellFd, int pid)
    implements AutoCloseable {
  /** Data path. Wakes the peer's receiver if it sleeps; a full fence went before. */
  void wakeReceiver(RemoteFabric remote) {
    if (RawMemory.getIntAcquire(remote.queueWord(queue)) != 0) {
      EventFd.signal(queueEventFd);
    }
  }

  /** Tells the peer's event thread to look again. */
  void ringDoorbell() {
    EventFd.signal(doorbellFd);
  }

  @Override
  public void close() {
    FileDescriptor.close(queueEventFd);
    FileDescriptor.close(doorbellFd);
  }
}

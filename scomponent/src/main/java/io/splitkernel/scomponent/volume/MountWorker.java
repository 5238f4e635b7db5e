package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FuseSession;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that carries out the kernel's requests to a mount, one after the other, until the mount
 * ends. libfuse's own loop would do, but does not tell which file of the kernel's a request means.
 */
final class MountWorker extends Thread {
  private static final Logger LOG = LoggerFactory.getLogger(MountWorker.class);

  private final FuseSession session;
  private final BooleanSupplier stopping;
  private final Runnable atInit;
  private final Runnable atEnd;
  private long node;

  /**
   * A thread, not started.
   *
   * @param stopping whether it shall end behind the request that it carries out. libfuse has a sign
   *     of its own for that, but behind it drops a request that it has received already.
   * @param atInit run by whichever worker has carried out the kernel's first request.
   * @param atEnd its last act.
   */
  MountWorker(
      String name, FuseSession session, BooleanSupplier stopping, Runnable atInit, Runnable atEnd) {
    super(name);
    setDaemon(true);
    this.session = session;
    this.stopping = stopping;
    this.atInit = atInit;
    this.atEnd = atEnd;
  }

  @Override
  public void run() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = FuseSession.buffer(arena);
      try {
        serve(buffer);
      } finally {
        FuseSession.release(buffer);
      }
    } finally {
      atEnd.run();
    }
  }

  private void serve(MemorySegment buffer) {
    while (!session.exited() && !stopping.getAsBoolean()) {
      int n = session.receive(buffer);
      if (n > 0) {
        node = FuseSession.node(buffer);
        boolean init = FuseSession.isInit(buffer);
        session.process(buffer);
        if (init) {
          atInit.run();
        }
      } else if (n == 0) {
        return;
      } else if (n != -Errno.EINTR && n != -Errno.EAGAIN) {
        LOG.warn("{} cannot receive requests: {}", getName(), Errno.text(n));
        return;
      }
    }
  }

  /** The kernel's number of the file that the request of this thread is about, 0 if not known. */
  static long currentNode() {
    return Thread.currentThread() instanceof MountWorker worker ? worker.node : 0;
  }

  /**
   * Makes the kernel ask for the attributes of the file that the request of this thread is about:
   * those that it has may be older than what other mounts have written.
   */
  static void forgetAttributes() {
    if (Thread.currentThread() instanceof MountWorker worker && worker.node != 0) {
      int ignored = worker.session.forgetAttributes(worker.node); // not known: nothing to forget
    }
  }
}

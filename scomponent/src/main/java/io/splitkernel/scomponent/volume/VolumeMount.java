package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FuseSession;
import io.splitkernel.protocol.files.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.cryptomator.jfuse.linux.amd64.FuseNewHelper;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.fuse_args;
import org.cryptomator.jfuse.linux.amd64.extr.fuse3.fuse_h;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A volume that is mounted, until {@link #close} or until somebody unmounts it. The volume stays
 * the caller's. Any thread.
 */
public final class VolumeMount implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeMount.class);
  private static final int TICKS_PER_LEASE = 6;

  private final MountSettings settings;
  private final HiddenFiles hidden;
  private final Arena arena = Arena.ofShared();
  private final CountDownLatch served = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread lease;
  private final MemorySegment fuse;
  private final Path point;
  private final String device;
  private final AtomicInteger alive = new AtomicInteger(1); // workers, and whoever starts them
  private volatile boolean stopping;
  private volatile boolean broken;

  private VolumeMount(Volume volume, MountSettings settings, Path point) throws IOException {
    this.settings = settings;
    this.point = point;
    FusePaths paths = new FusePaths(ThreadLocalRandom.current().nextLong());
    this.hidden = new HiddenFiles(volume, paths, settings.hiddenLeaseMs());
    this.lease =
        Thread.ofPlatform().daemon().name("hidden-" + settings.name()).unstarted(this::keepLease);
    boolean mounted = false;
    try {
      MemorySegment table = new FuseTable(arena, volume, paths, hidden).segment();
      fuse =
          FuseNewHelper.getInstance()
              .fuse_new(arguments(), table, table.byteSize(), MemorySegment.NULL);
      if (fuse.address() == 0) {
        throw new IOException("cannot mount: libfuse refused the options " + settings.options());
      }
      if (fuse_h.fuse_mount(fuse, arena.allocateFrom(point.toString())) != 0) {
        fuse_h.fuse_destroy(fuse);
        throw new IOException("cannot mount at " + point + ": refused, see the lines above");
      }
      try {
        device = MountPoints.device(point);
        if (device == null) {
          throw new IOException("cannot mount at " + point + ": it was unmounted at once");
        }
        mounted = true;
      } finally {
        if (!mounted) {
          fuse_h.fuse_unmount(fuse);
          fuse_h.fuse_destroy(fuse);
        }
      }
    } finally {
      if (!mounted) {
        arena.close();
      }
    }
  }

  /**
   * Mounts. A mount at the same place whose process died is taken away first.
   *
   * @param volume to mount.
   * @param settings of it.
   * @return the mount, which serves already.
   * @throws IOException if it cannot be mounted, with the reason in one line.
   */
  public static VolumeMount mount(Volume volume, MountSettings settings) throws IOException {
    FuseLibrary.load();
    Path point = MountPoints.real(settings.mountPoint());
    if (MountPoints.isMounted(point)) {
      if (!MountPoints.isDead(point)) {
        throw new IOException("cannot mount: there is a volume at " + point + " already");
      }
      int rc = MountPoints.unmount(point, true);
      if (rc != 0) {
        throw new IOException(
            "cannot take away the dead mount at " + point + ": " + Errno.text(rc));
      }
    }
    if (!Files.isDirectory(point)) {
      throw new IOException("cannot mount: " + point + " is no directory");
    }
    VolumeMount mount = new VolumeMount(volume, settings, point);
    mount.start();
    return mount;
  }

  private MemorySegment arguments() {
    MemorySegment argv = arena.allocate(ValueLayout.ADDRESS, 4);
    argv.setAtIndex(ValueLayout.ADDRESS, 0, arena.allocateFrom("lego"));
    argv.setAtIndex(ValueLayout.ADDRESS, 1, arena.allocateFrom("-o"));
    argv.setAtIndex(ValueLayout.ADDRESS, 2, arena.allocateFrom(settings.options()));
    argv.setAtIndex(ValueLayout.ADDRESS, 3, MemorySegment.NULL);
    MemorySegment args = fuse_args.allocate(arena);
    fuse_args.argc(args, 3);
    fuse_args.argv(args, argv);
    fuse_args.allocated(args, 0);
    return args;
  }

  private void start() throws IOException {
    boolean started = false;
    try {
      FuseSession session = new FuseSession(fuse);
      lease.start();
      for (int i = 0; i < settings.threads(); i++) {
        alive.incrementAndGet();
        try {
          String name = "mount-" + settings.name() + "-" + i;
          new MountWorker(name, session, () -> stopping, this::readAhead, this::leave).start();
        } catch (Throwable t) {
          alive.decrementAndGet();
          throw t;
        }
      }
      started = true;
    } finally {
      if (!started) {
        MountPoints.unmount(point, true);
      }
      leave();
    }
  }

  /** The kernel would read 128 KiB ahead, and cuts to that what it is asked for at first. */
  private void readAhead() {
    if (!MountPoints.readAhead(device, settings.readAheadBytes())) {
      LOG.info("{}: only root can set how far the kernel reads ahead", point);
    }
  }

  /** A worker ends; the last one finishes. */
  private void leave() {
    if (alive.decrementAndGet() == 0) {
      served.countDown();
      finish();
    }
  }

  /** Nothing calls in any more, except for libfuse itself, which removes the hidden files. */
  private void finish() {
    try {
      fuse_h.fuse_unmount(fuse);
      fuse_h.fuse_destroy(fuse);
      arena.close();
      if (lease.join(Duration.ofMillis(settings.stopDeadlineMs()))) {
        hidden.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the files are removed after the lease
    } finally {
      ended.countDown();
    }
  }

  private void keepLease() {
    long tickMs = Math.max(1, settings.hiddenLeaseMs() / TICKS_PER_LEASE);
    try {
      do {
        try {
          if (!settings.readOnly()) {
            hidden.tick(System.nanoTime());
          }
        } catch (RuntimeException e) {
          LOG.warn("cannot look after the hidden files of {}", point, e);
        }
      } while (!served.await(tickMs, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until it is unmounted, by whomever.
   *
   * @param timeoutMs for how long.
   * @return whether it is.
   * @throws InterruptedException if interrupted.
   */
  public boolean awaitEnd(long timeoutMs) throws InterruptedException {
    return ended.await(timeoutMs, TimeUnit.MILLISECONDS);
  }

  /**
   * Unmounts. Programs that have files open lose them: their operations fail. What they wrote, by
   * shared mappings too, is handed to the volume before, unless the volume does not answer: then
   * requests are broken off after {@link MountSettings#stopDeadlineMs}. Idempotent.
   *
   * @throws IOException if it could not be unmounted, or if the volume still carries a request out;
   *     nothing is mounted in that case either.
   */
  @Override
  public synchronized void close() throws IOException {
    if (ended.getCount() == 0) {
      return;
    }
    FutureTask<Integer> gently = new FutureTask<>(this::endGently);
    Thread.ofPlatform().daemon().name("unmount-" + settings.name()).start(gently);
    try {
      int rc = gently.get(settings.stopDeadlineMs(), TimeUnit.MILLISECONDS);
      if (rc != 0) {
        throw new IOException("cannot unmount " + point + ": " + Errno.text(rc));
      }
    } catch (TimeoutException e) {
      LOG.warn("the volume at {} does not answer, breaking its requests off", point);
    } catch (ExecutionException e) {
      throw new IOException("cannot unmount " + point + ": " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    try {
      if (gently.isDone() && awaitEnd(settings.stopDeadlineMs())) {
        return;
      }
      broken = true;
      stopping = true;
      MountPoints.breakOff(point, device);
      if (!awaitEnd(settings.stopDeadlineMs())) {
        throw new IOException("the volume that was mounted at " + point + " is still in use");
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted while unmounting " + point, e);
  }

  /** Ends it at a moment when nothing is under way; may take as long as the volume does. */
  private int endGently() throws IOException {
    if (!device.equals(MountPoints.device(point))) {
      return 0; // unmounted by hand
    }
    int flushed = MountPoints.flush(point, settings.stopDeadlineMs());
    if (broken) {
      return 0;
    }
    if (flushed != 0) {
      LOG.warn("cannot flush {}: {}", point, Errno.text(flushed));
    }
    int rc = MountPoints.unmount(point, false);
    if (rc != -Errno.EBUSY) {
      return rc == -Errno.EINVAL ? 0 : rc;
    }
    LOG.warn("files of {} are still open, ending their use", point);
    // A worker notices the end behind a request: each of these is one. The last worker closes the
    // kernel's device, which ends the requests that nobody takes any more.
    stopping = true;
    while (alive.get() > 0 && !broken) {
      MountPoints.look(point, alive.get(), settings.stopDeadlineMs());
    }
    return 0;
  }
}

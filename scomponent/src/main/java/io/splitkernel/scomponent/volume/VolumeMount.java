package io.splitkernel.scomponent.volume;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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
  private final String device;
  private boolean closed;

  private VolumeMount(Volume volume, MountSettings settings) throws IOException {
    this.settings = settings;
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
      String point = settings.mountPoint().toString();
      if (fuse_h.fuse_mount(fuse, arena.allocateFrom(point)) != 0) {
        fuse_h.fuse_destroy(fuse);
        throw new IOException("cannot mount at " + point + ": refused, see the lines above");
      }
      try {
        device = MountPoints.device(settings.mountPoint());
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
    Path point = settings.mountPoint();
    if (MountPoints.isMounted(point)) {
      if (Files.isDirectory(point)) {
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
    VolumeMount mount = new VolumeMount(volume, settings);
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

  private void start() {
    lease.start();
    Thread.ofPlatform().daemon().name("mount-" + settings.name()).start(this::serve);
  }

  private void serve() {
    MemorySegment config = fuse_h.fuse_loop_cfg_create();
    fuse_h.fuse_loop_cfg_set_max_threads(config, settings.threads());
    fuse_h.fuse_loop_cfg_set_clone_fd(config, 0);
    try {
      int rc = fuse_h.fuse_loop_mt(fuse, config);
      if (rc != 0) {
        LOG.warn("serving the mount at {} ended with {}", settings.mountPoint(), rc);
      }
    } finally {
      fuse_h.fuse_loop_cfg_destroy(config);
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
          hidden.tick(System.nanoTime());
        } catch (RuntimeException e) {
          LOG.warn("cannot look after the hidden files of {}", settings.mountPoint(), e);
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
   * shared mappings too, is handed to the volume before. Idempotent.
   *
   * @throws IOException if it could not be unmounted.
   */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (ended.getCount() == 0) {
        return;
      }
      int rc = MountPoints.unmount(settings.mountPoint(), false);
      if (rc == -Errno.EBUSY) {
        LOG.warn("files of {} are still open, ending their use", settings.mountPoint());
        endBusy();
        rc = 0;
      }
      if (rc != 0 && rc != -Errno.EINVAL) {
        throw new IOException("cannot unmount " + settings.mountPoint() + ": " + Errno.text(rc));
      }
      if (awaitEnd(settings.stopDeadlineMs())) {
        return;
      }
      if (device == null || !MountPoints.abort(device) || !awaitEnd(settings.stopDeadlineMs())) {
        throw new IOException("the mount at " + settings.mountPoint() + " is still in use");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while unmounting " + settings.mountPoint(), e);
    }
  }

  /** Ends serving; libfuse unmounts when it has ended, by closing its end of the connection. */
  private void endBusy() {
    int rc = MountPoints.flush(settings.mountPoint());
    if (rc != 0) {
      LOG.warn("cannot flush {}: {}", settings.mountPoint(), Errno.text(rc));
    }
    fuse_h.fuse_exit(fuse);
    // The end is noticed behind a request: this is one. There is no such file, no matter.
    boolean ignored = Files.exists(settings.mountPoint().resolve(".lego-end"));
  }
}

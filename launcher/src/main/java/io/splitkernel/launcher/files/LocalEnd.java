package io.splitkernel.launcher.files;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.files.client.TransferBuffer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.locks.ReentrantLock;

/** A file of this machine. */
final class LocalEnd implements CopyEnd {
  /** How far the device reads ahead of a copy. */
  private static final long AHEAD_BYTES = 64L << 20;

  private final FileChannel channel;
  private final Path path;
  private final Path temporary;

  /** Descriptor for what FileChannel does not know; negative when there is none. */
  private final int hints;

  /** Of a long source; null for others. */
  private final SourceAhead ahead;

  private final boolean writesOut;
  private final WriteOutSteps steps = new WriteOutSteps();

  /** The kernel lets one write to a file at a time, and those who wait for it spin. */
  private final ReentrantLock writing = new ReentrantLock();

  private LocalEnd(FileChannel channel, Path path, Path temporary, boolean writesOut) {
    this.channel = channel;
    this.path = path;
    this.temporary = temporary;
    this.writesOut = writesOut;
    String opened = (temporary == null ? path : temporary).toString();
    this.hints = LinuxFiles.openLocal(opened, LinuxFiles.O_RDONLY | LinuxFiles.O_NONBLOCK, 0);
    this.ahead = temporary == null && hints >= 0 ? SourceAhead.of(hints, AHEAD_BYTES) : null;
  }

  static LocalEnd source(Path path) throws LegoFailure {
    try {
      return new LocalEnd(FileChannel.open(path, StandardOpenOption.READ), path, null, false);
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  /**
   * A new file.
   *
   * @param mode its permissions.
   * @param writesOut whether the device begins to write while the copy runs.
   */
  static LocalEnd target(Path path, int mode, boolean writesOut) throws LegoFailure {
    long pid = ProcessHandle.current().pid();
    Path temporary = path.resolveSibling("." + path.getFileName() + ".lego-" + pid);
    try {
      FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
      StringBuilder text = new StringBuilder();
      for (int bit = 8; bit >= 0; bit--) {
        text.append((mode >> bit & 1) == 0 ? '-' : "xwr".charAt(bit % 3));
      }
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString(text.toString()));
      return new LocalEnd(channel, path, temporary, writesOut);
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  private static LegoFailure failure(Path path, IOException e) {
    String reason = e instanceof java.nio.file.NoSuchFileException ? "no such file" : e.toString();
    return new LegoFailure(LegoFailure.FAILURE, path + ": " + reason, e);
  }

  @Override
  public TransferBuffer lease() {
    return null;
  }

  @Override
  public int read(long offset, MemorySegment into) throws LegoFailure {
    try {
      if (ahead != null) {
        ahead.onRead(offset);
      }
      ByteBuffer buffer = into.asByteBuffer();
      int count = 0;
      while (buffer.hasRemaining()) {
        int n = channel.read(buffer, offset + count);
        if (n < 0) {
          break;
        }
        count += n;
      }
      return count;
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  @Override
  public void write(long offset, MemorySegment from) throws LegoFailure {
    writing.lock();
    try {
      ByteBuffer buffer = from.asByteBuffer();
      long at = offset;
      while (buffer.hasRemaining()) {
        at += channel.write(buffer, at);
      }
    } catch (IOException e) {
      throw failure(path, e);
    } finally {
      writing.unlock();
    }
    if (writesOut && hints >= 0 && steps.completedBy(from.byteSize())) {
      LinuxFiles.writeOut(hints, false);
    }
  }

  @Override
  public void commit() throws LegoFailure {
    try {
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  @Override
  public void close() {
    if (ahead != null) {
      ahead.close();
    }
    FileDescriptor.close(hints);
    try {
      channel.close();
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      // the file is not wanted any more, or was only read
    }
  }
}

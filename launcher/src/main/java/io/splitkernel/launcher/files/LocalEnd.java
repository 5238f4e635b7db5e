package io.splitkernel.launcher.files;

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

/** A file of this machine. */
final class LocalEnd implements CopyEnd {
  private final FileChannel channel;
  private final Path path;
  private final Path temporary;

  private LocalEnd(FileChannel channel, Path path, Path temporary) {
    this.channel = channel;
    this.path = path;
    this.temporary = temporary;
  }

  static LocalEnd source(Path path) throws LegoFailure {
    try {
      return new LocalEnd(FileChannel.open(path, StandardOpenOption.READ), path, null);
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  static LocalEnd target(Path path, int mode) throws LegoFailure {
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
      return new LocalEnd(channel, path, temporary);
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
    try {
      ByteBuffer buffer = from.asByteBuffer();
      long at = offset;
      while (buffer.hasRemaining()) {
        at += channel.write(buffer, at);
      }
    } catch (IOException e) {
      throw failure(path, e);
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

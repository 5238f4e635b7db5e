package io.splitkernel.ci.files;

import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;

/** Random operations of one client in a directory of its own, each of them verified. One thread. */
final class MixedWork {
  private static final int FILE_BYTES = 200_000;
  private static final int PIECE_BYTES = 60_000;

  private final Volume volume;
  private final Random random;
  private final String directory;
  private final byte[] content = new byte[FILE_BYTES];
  private final long id;
  private String name = "first";
  private int length;

  MixedWork(Volume volume, int number, long seed) {
    this.volume = volume;
    this.random = new Random(seed);
    this.directory = "/client-" + number;
    this.id = number + 1_000_000L;
  }

  private String path() {
    return directory + "/" + name;
  }

  /**
   * Works until enough have done their share; the number of operations.
   *
   * @param enough counts who has done so many operations.
   * @param share operations after which this one counts.
   */
  int until(CountDownLatch enough, int share) {
    FileAttributes out = new FileAttributes();
    check(0, volume.makeDirectory(directory, id + 1_000_000L, 0755, 0, 0, out), "mkdir");
    check(0, volume.create(path(), id, Volume.CREATE_EXCLUSIVE, 0600, 0, 0, out), "create");
    int done = 2;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(PIECE_BYTES);
      while (enough.getCount() > 0) {
        step(buffer);
        done++;
        if (done == share) {
          enough.countDown();
        }
      }
    }
    return done;
  }

  private void step(MemorySegment buffer) {
    int kind = random.nextInt(20);
    if (kind < 8) {
      write(buffer);
    } else if (kind < 16) {
      read(buffer);
    } else if (kind == 16) {
      check(0, volume.sync(path(), id, true), "sync");
    } else if (kind == 17) {
      list();
    } else if (kind == 18) {
      rename();
    } else {
      FileAttributes out = new FileAttributes();
      check(0, volume.lookup(path(), id, out), "lookup");
      check(length, out.sizeBytes, "length");
    }
  }

  private int pieceBytes() {
    return 1 + random.nextInt(random.nextBoolean() ? 4096 : PIECE_BYTES);
  }

  private void write(MemorySegment buffer) {
    int offset = random.nextInt(length + 1);
    int size = Math.min(pieceBytes(), FILE_BYTES - offset);
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, size);
    check(size, volume.write(path(), id, offset, buffer.asSlice(0, size)), "write");
    System.arraycopy(bytes, 0, content, offset, size);
    length = Math.max(length, offset + size);
  }

  private void read(MemorySegment buffer) {
    int offset = random.nextInt(length + 1);
    int size = pieceBytes();
    int expected = Math.min(size, length - offset);
    check(expected, volume.read(path(), id, offset, buffer.asSlice(0, size)), "read");
    byte[] found = buffer.asSlice(0, expected).toArray(ValueLayout.JAVA_BYTE);
    if (!Arrays.equals(found, 0, expected, content, offset, offset + expected)) {
      throw new AssertionError("wrong bytes in " + path() + " at " + offset);
    }
  }

  private void list() {
    Set<String> names = new TreeSet<>();
    int count = volume.readDirectory(directory, 0, (entry, _, _, _) -> names.add(entry));
    check(1, count, "entries");
    if (!names.equals(Set.of(name))) {
      throw new AssertionError(directory + " has " + names + " instead of " + name);
    }
  }

  private void rename() {
    String other = name.equals("first") ? "second" : "first";
    check(0, volume.rename(path(), id, directory + "/" + other, 0, false), "rename");
    name = other;
  }

  private void check(long expected, long found, String what) {
    if (expected != found) {
      throw new AssertionError(what + " of " + path() + ": " + found + " instead of " + expected);
    }
  }
}

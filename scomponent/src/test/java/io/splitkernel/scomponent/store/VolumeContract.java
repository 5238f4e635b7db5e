package io.splitkernel.scomponent.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.VolumeSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every volume promises; a subclass says how to get an empty one with a quota of 64 MiB. */
@Timeout(120)
public abstract class VolumeContract {
  protected static final long QUOTA = 64 << 20;

  protected final Arena arena = Arena.ofShared();
  protected final FileAttributes attributes = new FileAttributes();
  private long nextId = 100;

  protected abstract Volume volume();

  @AfterEach
  void closeArena() {
    arena.close();
  }

  protected long create(String path) {
    long id = nextId++;
    assertEquals(0, volume().create(path, id, 0, 0644, 0, 0, attributes), path);
    return attributes.id;
  }

  protected void makeDirectory(String path) {
    assertEquals(0, volume().makeDirectory(path, nextId++, 0755, 0, 0, attributes), path);
  }

  protected int write(String path, long offset, byte[] bytes) {
    return volume().write(path, 0, offset, segment(bytes));
  }

  protected MemorySegment segment(byte[] bytes) {
    MemorySegment segment = arena.allocate(Math.max(1, bytes.length), 4096);
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return segment.asSlice(0, bytes.length);
  }

  protected byte[] read(String path, long offset, int length) {
    MemorySegment into = arena.allocate(Math.max(1, length), 4096).asSlice(0, length);
    int done = 0;
    while (done < length) {
      int part = Math.min(length - done, Volume.TRANSFER_BYTES_MAX);
      int count = volume().read(path, 0, offset + done, into.asSlice(done, part));
      assertTrue(count >= 0, () -> path + ": " + Errno.text(count));
      done += count;
      if (count < part) {
        break;
      }
    }
    return into.asSlice(0, done).toArray(ValueLayout.JAVA_BYTE);
  }

  static byte[] bytes(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({"0,1", "1,4095", "4095,2", "0,4096", "4096,8192", "100,70000", "2097000,400"})
  void shouldReadBackWhatWasWritten(int offset, int length) {
    create("/f");
    byte[] content = bytes(length, length);
    assertEquals(length, write("/f", offset, content));
    assertArrayEquals(content, read("/f", offset, length));
    assertArrayEquals(new byte[offset], read("/f", 0, offset));
    assertArrayEquals(content, read("/f", offset, length + 10));
    assertEquals(0, read("/f", offset + length, 10).length);
    assertEquals(0, volume().lookup("/f", 0, attributes));
    assertEquals(offset + length, attributes.sizeBytes);
  }

  @Test
  void shouldBehaveAsAnArrayOfBytes() {
    create("/f");
    Random random = new Random(42);
    byte[] model = new byte[0];
    for (int i = 0; i < 600; i++) {
      int offset = random.nextInt(random.nextBoolean() ? 20_000 : 5 << 20);
      int length = random.nextInt(random.nextInt(4) == 0 ? 300_000 : 6_000);
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          byte[] content = bytes(length, i);
          assertEquals(length, write("/f", offset, content));
          if (length > 0) {
            model = Arrays.copyOf(model, Math.max(model.length, offset + length));
            System.arraycopy(content, 0, model, offset, length);
          }
        }
        case 2 -> {
          assertEquals(0, volume().change("/f", 0, AttributeChange.size(offset), attributes));
          assertEquals(offset, attributes.sizeBytes);
          model = Arrays.copyOf(model, offset);
        }
        case 3 -> {
          int flags = Volume.ALLOCATE_KEEP_SIZE | Volume.ALLOCATE_PUNCH_HOLE;
          assertEquals(0, volume().allocate("/f", 0, flags, offset, length + 1L));
          int from = Math.min(offset, model.length);
          Arrays.fill(model, from, Math.min(offset + length + 1, model.length), (byte) 0);
        }
        default -> {
          int end = Math.clamp(offset + (long) length, 0, model.length);
          byte[] expected = offset >= end ? new byte[0] : Arrays.copyOfRange(model, offset, end);
          assertArrayEquals(expected, read("/f", offset, length), "step " + i);
        }
      }
    }
    for (int at = 0; at < model.length; at += 1 << 20) {
      int length = Math.min(1 << 20, model.length - at);
      assertArrayEquals(Arrays.copyOfRange(model, at, at + length), read("/f", at, length));
    }
  }

  @Test
  void shouldReserveSpaceWithAndWithoutLength() {
    create("/f");
    assertEquals(0, volume().allocate("/f", 0, Volume.ALLOCATE_KEEP_SIZE, 0, 100_000));
    assertEquals(0, read("/f", 0, 10).length);
    assertEquals(0, volume().allocate("/f", 0, 0, 0, 100_000));
    assertArrayEquals(new byte[100_000], read("/f", 0, 200_000));
    assertEquals(-Errno.EOPNOTSUPP, volume().allocate("/f", 0, 8, 0, 10));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "f", "/a//b", "/.", "/..", "/a/../b", "/a/", "//", "/a\0b"})
  void shouldRefusePathsOfAnotherForm(String path) {
    assertEquals(-Errno.EINVAL, volume().create(path, 9, 0, 0644, 0, 0, attributes));
    assertEquals(-Errno.EINVAL, volume().lookup(path, 0, attributes));
    create("/there");
    assertEquals(-Errno.EINVAL, volume().rename("/there", 0, path, 0, false));
    assertEquals(-Errno.EINVAL, volume().link("/there", 0, path, attributes));
  }

  @Test
  void shouldRefuseNamesThatAreTooLong() {
    String name = "n".repeat(256);
    assertEquals(-Errno.ENAMETOOLONG, volume().lookup("/" + name, 0, attributes));
    create("/" + name.substring(1));
    String path = "/abcdefg".repeat(600);
    assertEquals(-Errno.ENAMETOOLONG, volume().lookup(path, 0, attributes));
  }

  @Test
  void shouldNeverFollowSymbolicLinks() {
    assertEquals(0, volume().makeSymlink("/out", "/etc", 0, 0, attributes));
    assertTrue(attributes.is(FileAttributes.SYMLINK));
    assertEquals(-Errno.ELOOP, volume().lookup("/out/passwd", 0, attributes));
    assertEquals(-Errno.ELOOP, volume().create("/out/f", 5, 0, 0644, 0, 0, attributes));
    assertEquals(0, volume().makeSymlink("/shadow", "../../../../etc/shadow", 0, 0, attributes));
    assertEquals(-Errno.ELOOP, volume().read("/shadow", 0, 0, segment(new byte[10])));
    assertEquals(-Errno.ELOOP, volume().write("/shadow", 0, 0, segment(new byte[10])));
    List<String> targets = new ArrayList<>();
    assertEquals(
        22,
        volume()
            .readLink(
                "/shadow",
                b ->
                    targets.add(
                        new String(b.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8))));
    assertEquals(List.of("../../../../etc/shadow"), targets);
    assertEquals(-Errno.EINVAL, volume().readLink("/", b -> {}));
  }

  @Test
  void shouldCreateOnceHoweverOftenItIsAsked() {
    assertEquals(0, volume().create("/f", 7, Volume.CREATE_EXCLUSIVE, 0640, 0, 0, attributes));
    assertEquals(7, attributes.id);
    assertEquals(FileAttributes.REGULAR | 0640, attributes.mode);
    assertEquals(0, volume().create("/f", 7, Volume.CREATE_EXCLUSIVE, 0640, 0, 0, attributes));
    int exclusive = Volume.CREATE_EXCLUSIVE;
    assertEquals(-Errno.EEXIST, volume().create("/f", 8, exclusive, 0640, 0, 0, attributes));
    assertEquals(0, volume().create("/f", 8, 0, 0600, 0, 0, attributes));
    assertEquals(7, attributes.id);
    write("/f", 0, bytes(5000, 1));
    assertEquals(0, volume().create("/f", 8, Volume.CREATE_TRUNCATE, 0600, 0, 0, attributes));
    assertEquals(0, attributes.sizeBytes);
    assertEquals(0, volume().makeDirectory("/d", 9, 0700, 0, 0, attributes));
    assertEquals(0, volume().makeDirectory("/d", 9, 0700, 0, 0, attributes));
    assertEquals(-Errno.EEXIST, volume().makeDirectory("/d", 10, 0700, 0, 0, attributes));
    assertEquals(-Errno.EISDIR, volume().create("/d", 10, 0, 0700, 0, 0, attributes));
    assertEquals(0, volume().makeSymlink("/l", "f", 0, 0, attributes));
    assertEquals(0, volume().makeSymlink("/l", "f", 0, 0, attributes));
    assertEquals(-Errno.EEXIST, volume().makeSymlink("/l", "g", 0, 0, attributes));
    assertEquals(-Errno.ENOENT, volume().create("/no/f", 11, 0, 0600, 0, 0, attributes));
    assertEquals(-Errno.ENOTDIR, volume().create("/f/f", 11, 0, 0600, 0, 0, attributes));
  }

  @Test
  void shouldRemoveAndRenameOnceHoweverOftenItIsAsked() {
    long f = create("/f");
    assertEquals(0, volume().rename("/f", f, "/g", 0, false));
    assertEquals(-Errno.ENOENT, volume().rename("/f", f, "/g", 0, false));
    assertEquals(0, volume().rename("/f", f, "/g", 0, true));
    assertEquals(-Errno.ESTALE, volume().unlink("/g", f + 1, false));
    assertEquals(0, volume().link("/g", f, "/h", attributes));
    assertEquals(2, attributes.links);
    assertEquals(0, volume().link("/g", f, "/h", attributes));
    assertEquals(0, volume().unlink("/g", f, false));
    assertEquals(-Errno.ENOENT, volume().unlink("/g", f, false));
    assertEquals(0, volume().unlink("/g", f, true));
    create("/g");
    assertEquals(0, volume().unlink("/g", f, true));
    assertEquals(0, volume().lookup("/g", 0, attributes));
    assertEquals(0, volume().unlink("/h", f, false));
    makeDirectory("/d");
    long d = attributes.id;
    create("/d/f");
    assertEquals(-Errno.ENOTEMPTY, volume().removeDirectory("/d", d, false));
    assertEquals(-Errno.EISDIR, volume().unlink("/d", d, false));
    assertEquals(-Errno.ENOTDIR, volume().removeDirectory("/d/f", 0, false));
    assertEquals(0, volume().unlink("/d/f", 0, false));
    assertEquals(0, volume().removeDirectory("/d", d, false));
    assertEquals(0, volume().removeDirectory("/d", d, true));
    assertEquals(-Errno.ENOENT, volume().removeDirectory("/d", 0, true));
  }

  @Test
  void shouldReplaceKeepOrExchangeTheTargetOfARename() {
    long f = create("/f");
    long g = create("/g");
    int keep = Volume.RENAME_NOREPLACE;
    assertEquals(-Errno.EEXIST, volume().rename("/f", 0, "/g", keep, false));
    assertEquals(0, volume().rename("/f", 0, "/g", Volume.RENAME_EXCHANGE, false));
    assertEquals(0, volume().lookup("/f", g, attributes));
    assertEquals(0, volume().rename("/f", 0, "/g", 0, false));
    assertEquals(0, volume().lookup("/g", g, attributes));
    assertEquals(-Errno.ESTALE, volume().lookup("/g", f, attributes));
    makeDirectory("/d");
    assertEquals(-Errno.EISDIR, volume().rename("/g", 0, "/d", 0, false));
    assertEquals(-Errno.EINVAL, volume().rename("/d", 0, "/d/e", 0, false));
  }

  @Test
  void shouldFindAFileByItsIdAfterARename() {
    long f = create("/f");
    assertEquals(3, volume().write("/f", f, 0, segment(new byte[] {1, 2, 3})));
    assertEquals(0, volume().rename("/f", f, "/moved", 0, false));
    create("/f");
    MemorySegment into = segment(new byte[3]);
    assertEquals(3, volume().read("/f", f, 0, into));
    assertArrayEquals(new byte[] {1, 2, 3}, into.toArray(ValueLayout.JAVA_BYTE));
    assertEquals(-Errno.ESTALE, volume().read("/f", 999_999, 0, into));
  }

  @Test
  void shouldChangeAttributes() {
    create("/f");
    assertEquals(0, volume().change("/f", 0, AttributeChange.mode(04711), attributes));
    assertEquals(04711, attributes.mode & 07777);
    long accessed = 1_000_000_000_123_456_789L;
    long modified = -5_000_000_001L;
    assertEquals(
        0, volume().change("/f", 0, AttributeChange.times(accessed, modified), attributes));
    assertEquals(accessed, attributes.accessedNs);
    assertEquals(modified, attributes.modifiedNs);
    long now = System.currentTimeMillis();
    AttributeChange touch = AttributeChange.times(AttributeChange.NOW, AttributeChange.NOW);
    assertEquals(0, volume().change("/f", 0, touch, attributes));
    assertTrue(Math.abs(attributes.modifiedNs / 1_000_000 - now) < 60_000);
    assertEquals(-Errno.EISDIR, volume().change("/", 0, AttributeChange.size(0), attributes));
    assertEquals(-Errno.EINVAL, volume().change("/f", 0, AttributeChange.size(-1), attributes));
    long huge = Long.MAX_VALUE;
    assertEquals(-Errno.EFBIG, volume().change("/f", 0, AttributeChange.size(huge), attributes));
  }

  @Test
  void shouldListEveryEntryOnceInAnyPortions() {
    makeDirectory("/d");
    Set<String> expected = new TreeSet<>();
    for (int i = 0; i < 1500; i++) {
      String name = "entry-" + i + "é".repeat(i % 50);
      create("/d/" + name);
      expected.add(name);
    }
    List<String> found = new ArrayList<>();
    Random random = new Random(1);
    long[] cookie = {0};
    int count;
    do {
      int[] left = {1 + random.nextInt(200)};
      count =
          volume()
              .readDirectory(
                  "/d",
                  cookie[0],
                  (name, id, type, next) -> {
                    if (left[0]-- == 0) {
                      return false;
                    }
                    assertEquals(FileAttributes.REGULAR, type);
                    cookie[0] = next;
                    return found.add(name);
                  });
      assertTrue(count >= 0);
    } while (count > 0);
    assertEquals(expected.size(), found.size());
    assertEquals(expected, new TreeSet<>(found));
    create("/f");
    assertEquals(-Errno.ENOTDIR, volume().readDirectory("/f", 0, (n, i, t, c) -> true));
  }

  @Test
  void shouldKeepExtendedAttributes() {
    create("/f");
    byte[] value = bytes(3000, 3);
    assertEquals(0, volume().setXattr("/f", "user.a", value, Volume.XATTR_CREATE));
    int create = Volume.XATTR_CREATE;
    assertEquals(-Errno.EEXIST, volume().setXattr("/f", "user.a", value, create));
    List<byte[]> got = new ArrayList<>();
    assertEquals(
        3000, volume().getXattr("/f", "user.a", b -> got.add(b.toArray(ValueLayout.JAVA_BYTE))));
    assertArrayEquals(value, got.getFirst());
    assertEquals(7, volume().listXattrs("/f", b -> got.add(b.toArray(ValueLayout.JAVA_BYTE))));
    assertArrayEquals("user.a\0".getBytes(StandardCharsets.UTF_8), got.getLast());
    assertEquals(0, volume().removeXattr("/f", "user.a"));
    assertEquals(-Errno.ENODATA, volume().removeXattr("/f", "user.a"));
    assertEquals(-Errno.ENODATA, volume().getXattr("/f", "user.lego.id", b -> {}));
    assertEquals(-Errno.EOPNOTSUPP, volume().setXattr("/f", "user.lego.id", value, 0));
    assertEquals(-Errno.EOPNOTSUPP, volume().setXattr("/f", "trusted.a", value, 0));
  }

  @Test
  void shouldKeepFifosAndRefuseDevices() {
    int fifo = FileAttributes.FIFO | 0600;
    assertEquals(0, volume().makeNode("/p", 50, fifo, 0, 0, 0, attributes));
    assertTrue(attributes.is(FileAttributes.FIFO));
    assertEquals(-Errno.EINVAL, volume().read("/p", 0, 0, segment(new byte[1])));
    int device = FileAttributes.BLOCK_DEVICE | 0600;
    assertEquals(-Errno.EPERM, volume().makeNode("/b", 51, device, 0x800, 0, 0, attributes));
  }

  @Test
  void shouldRefuseWhatTheQuotaDoesNotAllowAndWriteNothingOfIt() {
    VolumeSpace space = new VolumeSpace();
    assertEquals(0, volume().space(space));
    assertEquals(QUOTA, space.totalBytes);
    assertEquals(QUOTA, space.freeBytes);
    create("/f");
    assertEquals(100, write("/f", 0, bytes(100, 1)));
    AttributeChange all = AttributeChange.size(QUOTA);
    assertEquals(0, volume().change("/f", 0, all, attributes));
    create("/g");
    assertEquals(-Errno.ENOSPC, write("/g", 0, bytes(1, 1)));
    assertEquals(-Errno.ENOSPC, write("/f", QUOTA - 1, bytes(2, 1)));
    assertEquals(0, volume().lookup("/f", 0, attributes));
    assertEquals(QUOTA, attributes.sizeBytes);
    assertEquals(2, write("/f", QUOTA - 2, bytes(2, 1)));
    assertEquals(0, volume().unlink("/f", 0, false));
    assertEquals(0, volume().space(space));
    assertEquals(QUOTA, space.freeBytes);
    assertEquals(4096, write("/g", 0, bytes(4096, 1)));
    create("/h");
    assertEquals(0, volume().rename("/h", 0, "/g", 0, false));
    assertEquals(0, volume().space(space));
    assertEquals(QUOTA, space.freeBytes);
  }

  @Test
  void shouldWriteAndSyncAtOnce() {
    long id = create("/f");
    for (int length : new int[] {0, 1, 4096, 70_000, 1 << 20}) {
      byte[] content = bytes(length, length);
      assertEquals(length, volume().writeSynced("/f", id, 5, segment(content), length == 1));
      assertArrayEquals(content, read("/f", 5, length));
    }
    MemorySegment one = segment(new byte[1]);
    assertEquals(-Errno.ENOENT, volume().writeSynced("/no", 0, 0, one, true));
    assertEquals(-Errno.EINVAL, volume().writeSynced("/f", id, -1, one, true));
    assertTrue(volume().writeSynced("/f", id, QUOTA, segment(new byte[4096]), true) < 0);
  }

  @Test
  void shouldReadWhatIsReadyAsItReadsOtherwise() {
    long id = create("/f");
    byte[] content = bytes(10 * 4096 + 100, 3);
    assertEquals(content.length, write("/f", 0, content));
    int[][] ranges = {{0, 4096}, {4096, 16_384}, {1, 10}, {40_960, 100}, {36_864, 8192}, {-1, 5}};
    for (int[] range : ranges) {
      MemorySegment into = arena.allocate(range[1], 4096);
      int count = volume().readNow("/f", id, range[0], into);
      assertTrue(count == -Errno.EAGAIN || count == range[1], () -> "a count of " + count);
      if (count > 0) {
        byte[] found = into.toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(Arrays.copyOfRange(content, range[0], range[0] + range[1]), found);
      }
    }
    assertEquals(-Errno.EAGAIN, volume().readNow("/no", 0, 0, arena.allocate(4096)));
    assertEquals(-Errno.EAGAIN, volume().readNow("no path", id, 0, arena.allocate(4096)));
  }

  @Test
  void shouldKeepContentThatIsWrittenOutEarly() {
    create("/f");
    assertEquals(3, write("/f", 0, new byte[] {1, 2, 3}));
    assertEquals(0, volume().startWriteOut("/f", 0));
    assertEquals(3, write("/f", 2, new byte[] {4, 5, 6}));
    assertEquals(0, volume().startWriteOut("/f", 0));
    assertEquals(0, volume().sync("/f", 0, false));
    assertArrayEquals(new byte[] {1, 2, 4, 5, 6}, read("/f", 0, 100));
  }

  @Test
  void shouldSyncFilesAndDirectories() {
    create("/f");
    assertEquals(0, volume().sync("/f", 0, true));
    assertEquals(0, volume().sync("/f", 0, false));
    assertEquals(0, volume().sync("/", 0, false));
    assertEquals(-Errno.ENOENT, volume().sync("/no", 0, false));
  }

  @Test
  void shouldKeepWritesOfManyThreadsApart() throws Exception {
    create("/f");
    int threads = 8;
    int piece = 10_000;
    Set<Integer> failures = new HashSet<>();
    List<Thread> all = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int mine = t;
      byte[] content = bytes(piece, t);
      all.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 20; i++) {
                  if (write("/f", (long) mine * piece, content) != piece) {
                    synchronized (failures) {
                      failures.add(mine);
                    }
                  }
                }
              }));
    }
    for (Thread thread : all) {
      thread.join();
    }
    assertEquals(Set.of(), failures);
    for (int t = 0; t < threads; t++) {
      assertArrayEquals(bytes(piece, t), read("/f", (long) t * piece, piece));
    }
    assertNotEquals(0, attributes.id);
  }
}

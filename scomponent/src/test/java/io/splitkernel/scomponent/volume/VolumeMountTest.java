package io.splitkernel.scomponent.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.protocol.files.FileAttributes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A volume, mounted: what programs see of it. */
@Timeout(120)
final class VolumeMountTest {
  private static final int NO_FILES = 1; // the root alone

  @Test
  void smallProgramsWork() throws Exception {
    MountedModel mounted = new MountedModel();
    try (mounted) {
      assertEquals("hello\n", mounted.sh("echo hello > a; cp a b; cat b"));
      assertEquals("a\nb\n", mounted.sh("ls"));
      mounted.sh("mkdir d; mv b d/c; cmp a d/c; ln -s d/c l; cmp a l; rm -r d l");
      assertEquals(".\n..\na\n", mounted.sh("ls -a"));
    }
    assertFalse(MountPoints.isMounted(mounted.point));
    assertTrue(mounted.awaitEnd());
    assertEquals(NO_FILES + 1, mounted.volume.files());
  }

  @Test
  void linksNodesAndSpaceOfFiles() throws Exception {
    try (MountedModel mounted = new MountedModel()) {
      mounted.sh("echo x > a; ln a b; echo y >> b");
      assertEquals("x\ny\n", mounted.sh("cat a"));
      assertEquals("2\n", mounted.sh("stat -c %h a"));
      mounted.sh("test $(stat -c %i a) = $(stat -c %i b)");
      mounted.sh("mkfifo p; test -p p; echo through > p & cat p | grep -q through");
      mounted.sh("fallocate -l 100000 f; test $(stat -c %s f) = 100000");
      mounted.sh("printf 0123456789 > h; fallocate -p -o 2 -l 3 h");
      assertEquals("01\0\0\00056789", mounted.sh("cat h"));
      mounted.sh("fallocate -n -l 100000 h; test $(stat -c %s h) = 10; ! fallocate -z -l 3 h 2>e");
      assertEquals("01\0\0\00056789", mounted.sh("rm e; cat h"));
      assertThrows(
          FileAlreadyExistsException.class,
          () -> Files.createLink(mounted.point.resolve("h"), mounted.point.resolve("a")));
    }
  }

  @Test
  void appendsTruncatesAndTimes() throws Exception {
    try (MountedModel mounted = new MountedModel()) {
      mounted.sh("for i in 1 2 3 4; do (for j in $(seq 50); do echo $i; done) >> log & done; wait");
      mounted.sh(
          "test $(wc -l < log) = 200; for i in 1 2 3 4; do test $(grep -cx $i log) = 50; done");
      mounted.sh("truncate -s 3 log; test $(stat -c %s log) = 3; truncate -s 10 log");
      assertEquals("7\n", mounted.sh("tail -c 7 log | tr -d -c '\\000' | wc -c"));
      mounted.sh("touch -m -d @1000.5 log; test $(stat -c %.Y log | cut -c 1-6) = 1000.5");
      mounted.sh("a=$(stat -c %.X log); touch -m log; test $a = $(stat -c %.X log)");
      mounted.sh("test $(stat -c %Y log) -gt 1000; : > log; test ! -s log");
      mounted.sh("chmod 4751 log; chown 12:34 log; stat -c '%u %g' log | grep -q '12 34'");
      mounted.sh("mkdir g; chown 0:77 g; chmod 2775 g; : > g/x; test $(stat -c %g g/x) = 77");
    }
  }

  @Test
  void removedAndReplacedFilesLiveAsLongAsTheyAreOpen() throws Exception {
    try (MountedModel mounted = new MountedModel()) {
      mounted.sh(
          "echo old > a; exec 3<a 4<>a; rm a; ls -A | grep . && exit 1; cat <&3; echo z >&4");
      mounted.sh("echo old > a; echo new > b; exec 3<a; mv b a; grep -q old <&3; grep -q new a");
      Path file = mounted.point.resolve("c");
      StandardOpenOption[] options = {
        StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE
      };
      try (FileChannel channel = FileChannel.open(file, options)) {
        channel.write(ByteBuffer.wrap(new byte[5_000]));
        Files.delete(file);
        assertTrue(Files.notExists(file));
        channel.write(ByteBuffer.wrap(new byte[5_000]), 5_000);
        channel.truncate(7_000);
        assertEquals(7_000, channel.size());
        channel.force(true);
      }
      mounted.sh("rm a");
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> mounted.volume.usedBytes() == 0);
    }
  }

  @Test
  void filesStillOpenAtTheEndLeaveNothingBehind() throws Exception {
    MountedModel mounted = new MountedModel();
    try (mounted) {
      Path file = mounted.point.resolve("a");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[5_000]));
        Files.delete(file);
        assertNotEquals(0, mounted.volume.usedBytes());
        mounted.close();
        assertThrows(IOException.class, () -> channel.write(ByteBuffer.wrap(new byte[1])));
        assertThrows(IOException.class, channel::close);
      }
    }
    assertTrue(mounted.awaitEnd());
    assertEquals(0, mounted.volume.usedBytes());
    assertEquals(NO_FILES, mounted.volume.files());
  }

  @Test
  void anotherClientsRenameIsFollowedById() throws Exception {
    try (MountedModel mounted = new MountedModel()) {
      Path file = mounted.point.resolve("a");
      Files.writeString(file, "before");
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        assertEquals(0, mounted.volume.rename("/a", 0, "/b", 0, false));
        channel.write(ByteBuffer.wrap("after".getBytes(StandardCharsets.UTF_8)));
      }
      assertEquals("aftere", Files.readString(mounted.point.resolve("b")));
    }
  }

  @Test
  void whatAnotherClientWroteIsSeenAtTheNextOpen() throws Exception {
    try (MountedModel mounted = new MountedModel();
        MountedModel other = new MountedModel(mounted.volume)) {
      Path here = mounted.point.resolve("a");
      for (int i = 1; i < 50; i++) {
        // Longer and shorter: the kernel must not go by the length that it has.
        String text = String.valueOf((char) ('a' + i % 26)).repeat(i * 37 % 50 + 1);
        Files.writeString(other.point.resolve("a"), text);
        try (FileChannel channel = FileChannel.open(here)) {
          assertEquals(text.length(), channel.size());
        }
        assertEquals(text, Files.readString(here));
      }
    }
  }

  @Test
  void aMountForReadingChangesNothing() throws Exception {
    MountedModel.assumeFuse();
    ModelVolume volume = new ModelVolume();
    FileAttributes out = new FileAttributes();
    String left = FusePaths.HIDDEN + "/1";
    assertEquals(0, volume.makeDirectory(FusePaths.HIDDEN, 7, 0700, 0, 0, out));
    assertEquals(0, volume.makeDirectory(left, 8, 0700, 0, 0, out));
    assertEquals(0, volume.create("/a", 9, 0, 0644, 0, 0, out));
    Path point = Files.createTempDirectory("lego-mount");
    MountSettings settings =
        MountSettings.of(point, "model").withDeadlines(MountSettings.STOP_DEADLINE_MS, 1);
    try (VolumeMount mount = VolumeMount.mount(volume, settings.withReadOnly(true))) {
      assertEquals("", Files.readString(point.resolve("a")));
      assertThrows(IOException.class, () -> Files.writeString(point.resolve("a"), "x"));
      assertThrows(IOException.class, () -> Files.writeString(point.resolve("b"), "x"));
      assertFalse(mount.awaitEnd(100)); // many leases
      assertEquals(0, volume.lookup(left, 0, out));
    } finally {
      Files.delete(point);
    }
    assertEquals(4, volume.files());
  }

  @Test
  void aMountPointBehindALinkIsThePlaceThatItMeans() throws Exception {
    MountedModel.assumeFuse();
    Path parent = Files.createTempDirectory("lego-mount");
    Path point = Files.createDirectory(parent.resolve("real"));
    Path link = Files.createSymbolicLink(parent.resolve("link"), point);
    VolumeMount mount = VolumeMount.mount(new ModelVolume(), MountSettings.of(link, "model"));
    try (mount) {
      Files.writeString(point.resolve("a"), "x");
      assertTrue(MountPoints.isMounted(link));
      assertTrue(MountPoints.isMounted(point));
    }
    try {
      assertFalse(MountPoints.isMounted(link));
      assertFalse(MountPoints.isMounted(point));
    } finally {
      Files.delete(link);
      Files.delete(point);
      Files.delete(parent);
    }
  }

  @Test
  void extendedAttributesAndStatfs() throws Exception {
    try (MountedModel mounted = new MountedModel(new ModelVolume(1 << 20))) {
      Path file = Files.writeString(mounted.point.resolve("a"), "x");
      Files.setAttribute(file, "user:k", "value".getBytes(StandardCharsets.UTF_8));
      assertEquals(
          "value", new String((byte[]) Files.getAttribute(file, "user:k"), StandardCharsets.UTF_8));
      assertEquals("1024\n", mounted.sh("df --output=size -k . | tail -1 | tr -d ' '"));
      mounted.sh("! dd if=/dev/zero of=big bs=1M count=3 2>e; rm -f big e");
      mounted.sh("mv -n a b; test -e b; : > c; mv -n b c; test -s b; mv b c; test -s c");
    }
  }

  @Test
  void aHundredThousandFilesAreListed() throws Exception {
    ModelVolume volume = new ModelVolume();
    FileAttributes out = new FileAttributes();
    for (int i = 0; i < 100_000; i++) {
      assertEquals(0, volume.create("/f" + i, 10 + i, 0, 0644, 0, 0, out));
    }
    try (MountedModel mounted = new MountedModel(volume)) {
      assertEquals("100000\n", mounted.sh("ls -f | grep -c f; find . -name 'f*' -delete"));
      assertEquals(NO_FILES, volume.files());
    }
  }

  @Test
  void numbersOfFilesAreTheirIds() throws Exception {
    try (MountedModel mounted = new MountedModel()) {
      Path file = Files.writeString(mounted.point.resolve("a"), "x");
      FileAttributes out = new FileAttributes();
      assertEquals(0, mounted.volume.lookup("/a", 0, out));
      assertEquals(out.id, Files.getAttribute(file, "unix:ino"));
      assertEquals(0, Files.readAttributes(mounted.point, BasicFileAttributes.class).size());
    }
  }

  @Test
  void aKilledMountIsTakenAwayByTheNextOne() throws Exception {
    MountedModel.assumeFuse();
    Path point = Files.createTempDirectory("lego-mount");
    Process child = null;
    try {
      child = MountingChild.start(point);
      Files.writeString(point.resolve("a"), "x");
      child.destroyForcibly();
      assertTrue(child.waitFor(30, TimeUnit.SECONDS));
      assertTrue(MountPoints.isMounted(point));
      assertThrows(IOException.class, () -> Files.readString(point.resolve("a")));
      MountSettings settings = MountSettings.of(point, "model");
      VolumeMount next = VolumeMount.mount(new ModelVolume(), settings);
      try (next) {
        Files.writeString(point.resolve("b"), "y");
        assertThrows(IOException.class, () -> VolumeMount.mount(new ModelVolume(), settings));
      }
      assertFalse(MountPoints.isMounted(point));
    } finally {
      if (child != null) {
        child.destroyForcibly().waitFor();
      }
      if (MountPoints.isMounted(point)) {
        MountPoints.unmount(point, true);
      }
      Files.deleteIfExists(point);
    }
  }

  @Test
  void anUnmountByHandEndsIt() throws Exception {
    try (MountedModel mounted = new MountedModel()) {
      assertEquals(0, MountPoints.unmount(mounted.point, false));
      assertTrue(mounted.awaitEnd());
    }
  }

  @Test
  void filesWithoutANameAreRefusedSoThatProgramsUseAnotherWay() throws Exception {
    try (MountedModel mounted = new MountedModel();
        Arena arena = Arena.ofConfined()) {
      long path = arena.allocateFrom(mounted.point.toString()).address();
      assertEquals(-Errno.EOPNOTSUPP, Syscall.call(2, path, 0x410002, 0600)); // open O_TMPFILE
      mounted.sh("sort -T . /etc/passwd > sorted; sort -c sorted; rm sorted; test -z \"$(ls -A)\"");
    }
  }
}

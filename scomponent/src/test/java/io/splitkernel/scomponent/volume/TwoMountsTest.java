package io.splitkernel.scomponent.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One volume, mounted twice, as on two machines: what one promises to the other. */
@Timeout(120)
final class TwoMountsTest {
  private static final int ROUNDS = 200;
  private static final int BYTES_MAX = 300_000;

  private MountedModel one;
  private MountedModel two;

  @BeforeEach
  void mount() throws Exception {
    one = new MountedModel();
    two = new MountedModel(one.volume);
  }

  @AfterEach
  void unmount() throws Exception {
    try {
      if (one != null) {
        one.close();
      }
    } finally {
      if (two != null) {
        two.close();
      }
    }
  }

  @Test
  void whatOneHasClosedTheOtherOpens() throws Exception {
    Random random = new Random(7);
    byte[] content = {};
    for (int i = 0; i < ROUNDS; i++) {
      boolean there = i % 2 == 0;
      Path to = (there ? one : two).point.resolve("f");
      Path from = (there ? two : one).point.resolve("f");
      content = rewrite(to, content, random, i % 5);
      try (FileChannel channel = FileChannel.open(from)) {
        assertEquals(content.length, channel.size(), "length in round " + i);
        ByteBuffer read = ByteBuffer.allocate(content.length + 1);
        int n = 0;
        while (n >= 0 && read.hasRemaining()) {
          n = channel.read(read);
        }
        assertArrayEquals(content, Arrays.copyOf(read.array(), read.position()), "round " + i);
      }
      assertEquals(content.length, Files.size(to)); // and its own view stays
    }
  }

  /** Writes a file anew, in its place, at its end, or shortens it; its content afterwards. */
  private static byte[] rewrite(Path file, byte[] old, Random random, int how) throws Exception {
    byte[] bytes = new byte[how == 1 ? old.length : 1 + random.nextInt(BYTES_MAX)];
    random.nextBytes(bytes);
    if (how == 1) { // as long as before: only its times tell
      Files.write(file, bytes, StandardOpenOption.WRITE);
      return bytes;
    }
    if (how == 2) {
      byte[] tail = Arrays.copyOf(bytes, Math.min(bytes.length, 5_000));
      Files.write(file, tail, StandardOpenOption.APPEND);
      byte[] all = Arrays.copyOf(old, old.length + tail.length);
      System.arraycopy(tail, 0, all, old.length, tail.length);
      return all;
    }
    if (how == 3) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(old.length / 2);
      }
      return Arrays.copyOf(old, old.length / 2);
    }
    Files.write(file, bytes);
    return bytes;
  }

  @Test
  void whatIsKeptIsNotKeptTooLong() throws Exception {
    ReadVolume read = new ReadVolume(one.volume);
    Path point = Files.createTempDirectory("lego-mount");
    MountSettings settings = MountSettings.of(point, "read");
    try (VolumeMount mount = VolumeMount.mount(read.volume, settings)) {
      for (int i = 0; i < 5; i++) {
        byte[] content = new byte[20_000];
        Arrays.fill(content, (byte) i);
        Files.write(two.point.resolve("f"), content);
        org.awaitility.Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> {
              long before = read.reads();
              assertArrayEquals(content, Files.readAllBytes(point.resolve("f")));
              return read.reads() == before;
            });
      }
      assertFalse(mount.awaitEnd(0));
    } finally {
      Files.delete(point);
    }
  }

  @Test
  void whatOneRenamesTheOtherOpens() throws Exception {
    Path there = two.point.resolve("f");
    for (int i = 0; i < 20; i++) {
      one.sh("echo " + i + " > new; mv new f");
      // A name may be as old as the timeout says; the open itself finds what is there now or fails.
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> Files.exists(there));
      String wanted = i + "\n";
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> Files.readString(there).equals(wanted));
    }
  }

  @Test
  void locksHoldWithinOneMount() throws Exception {
    Assumptions.assumeTrue(MountedModel.has("python3"), "there is no python3");
    String lock = "import fcntl,sys,os; f=open('%s/f','r+'); fcntl.%s(f, fcntl.LOCK_EX%s);";
    String hold = lock + " open('%s/held','w').close(); sys.stdin.read()";
    Files.writeString(one.point.resolve("f"), "x");
    for (String call : new String[] {"flock", "lockf"}) {
      Process holder =
          new ProcessBuilder("python3", "-c", hold.formatted(one.point, call, "", one.point))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try {
        org.awaitility.Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> Files.exists(one.point.resolve("held")));
        String attempt = "python3 -c \"" + lock.formatted("%s", call, "|fcntl.LOCK_NB") + "\"";
        one.sh("! " + attempt.formatted(one.point) + " 2>/dev/null");
        two.sh(attempt.formatted(two.point)); // as documented
        holder.getOutputStream().close();
        assertEquals(0, holder.waitFor());
        one.sh(attempt.formatted(one.point) + "; rm held");
      } finally {
        holder.destroyForcibly().waitFor();
      }
    }
  }
}

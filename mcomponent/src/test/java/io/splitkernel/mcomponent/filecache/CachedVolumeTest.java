package io.splitkernel.mcomponent.filecache;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CachedVolumeTest {
  private static final int MIB = 1 << 20;

  @Test
  void shouldKeepWrittenBytesInMemoryUntilSync() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      byte[] bytes = CacheRig.random(1, 10_000);
      int before = rig.upstream.calls("write");
      assertEquals(10_000, CacheRig.write(rig.cache, "/a", 0, bytes));
      assertEquals(before, rig.upstream.calls("write"));
      assertEquals(0, CacheRig.size(rig.upstream, "/a"));
      assertEquals(10_000, CacheRig.size(rig.cache, "/a"));
      assertArrayEquals(bytes, CacheRig.read(rig.cache, "/a", 5, 0, 20_000));
      assertEquals(0, rig.cache.sync("/a", 5, false));
      assertArrayEquals(bytes, rig.upstream.syncedContent("/a"));
      assertEquals(before + 1, rig.upstream.calls("write"));
    }
  }

  @Test
  void shouldSendBatchesOfOneMebibyte() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      byte[] bytes = CacheRig.random(2, 3 * MIB / 2);
      for (int at = 0; at < bytes.length; at += 4096) {
        byte[] block = java.util.Arrays.copyOfRange(bytes, at, at + 4096);
        assertEquals(4096, CacheRig.write(rig.cache, "/a", 5, at, block));
      }
      int before = rig.upstream.calls("write");
      assertEquals(0, rig.cache.sync("/a", 5, true));
      assertEquals(before + 2, rig.upstream.calls("write"));
      assertArrayEquals(bytes, rig.upstream.syncedContent("/a"));
    }
  }

  @Test
  void shouldWriteBackInTheBackgroundWhenBytesAreOld() {
    FileCacheSettings settings = CacheRig.QUIET.withWriteBack(20_000_000L, 1_000_000L);
    try (CacheRig rig = new CacheRig(settings).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      CacheRig.write(rig.cache, "/a", 0, new byte[] {1, 2, 3});
      await().atMost(30, TimeUnit.SECONDS).until(() -> CacheRig.size(rig.upstream, "/a") == 3);
      await().atMost(30, TimeUnit.SECONDS).until(() -> rig.cache.dirtyBytes() == 0);
    }
  }

  @Test
  void shouldTellAnErrorOfTheBackgroundOnceAndTryAgain() {
    FileCacheSettings settings = CacheRig.QUIET.withWriteBack(1_000_000L, 1_000_000L);
    try (CacheRig rig = new CacheRig(settings).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      rig.upstream.fault = operation -> operation.equals("write") ? -Errno.EIO : 0;
      int before = rig.upstream.calls("write");
      assertEquals(3, CacheRig.write(rig.cache, "/a", 0, new byte[] {1, 2, 3}));
      await().atMost(30, TimeUnit.SECONDS).until(() -> rig.upstream.calls("write") > before + 2);
      rig.upstream.fault = operation -> 0;
      await().atMost(30, TimeUnit.SECONDS).until(() -> rig.cache.dirtyBytes() == 0);
      assertEquals(-Errno.EIO, rig.cache.sync("/a", 5, false));
      assertEquals(0, rig.cache.sync("/a", 5, false));
      assertArrayEquals(new byte[] {1, 2, 3}, rig.upstream.syncedContent("/a"));
    }
  }

  @Test
  void shouldRefuseBytesForWhichUpstreamHasNoRoom() {
    FileCacheSettings settings = CacheRig.QUIET.withSpace(0, 3_600_000_000_000L);
    try (CacheRig rig = new CacheRig(settings)) {
      rig.upstream.quotaBytes = 100 * 4096;
      rig.warm();
      CacheRig.create(rig.cache, "/a", 5);
      CacheRig.create(rig.cache, "/b", 6);
      int accepted = 0;
      for (int i = 0; i < 200; i++) {
        String path = i % 2 == 0 ? "/a" : "/b";
        int count = CacheRig.write(rig.cache, path, i / 2 * 4096L, new byte[4096]);
        if (count < 0) {
          assertEquals(-Errno.ENOSPC, count);
        } else {
          accepted++;
        }
      }
      assertEquals(99, accepted);
      assertEquals(0, rig.cache.sync("/a", 0, false));
      assertEquals(0, rig.cache.sync("/b", 0, false));
    }
  }

  @Test
  void shouldDropWhatIsUnwrittenOfAFileWithoutNames() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      CacheRig.write(rig.cache, "/a", 0, new byte[MIB]);
      assertTrue(rig.cache.dirtyBytes() >= MIB);
      assertEquals(0, rig.cache.unlink("/a", 5, false));
      assertEquals(0, rig.cache.dirtyBytes());
      assertEquals(-Errno.ESTALE, CacheRig.write(rig.cache, "/a", 5, 0, new byte[1]));
      assertEquals(-Errno.ENOENT, CacheRig.write(rig.cache, "/a", 0, 0, new byte[1]));
    }
  }

  @Test
  void shouldKeepTheBytesOfAFileWithAnotherName() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      byte[] bytes = CacheRig.random(3, 50_000);
      CacheRig.write(rig.cache, "/a", 0, bytes);
      assertEquals(0, rig.cache.link("/a", 0, "/b", new FileAttributes()));
      assertEquals(0, rig.cache.unlink("/a", 0, false));
      assertArrayEquals(bytes, CacheRig.read(rig.cache, "/b", 0, 0, MIB));
      assertArrayEquals(bytes, rig.upstream.content("/b"));
    }
  }

  @Test
  void shouldFollowADirectoryThatIsRenamed() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      rig.cache.makeDirectory("/d", 7, 0755, 0, 0, new FileAttributes());
      CacheRig.create(rig.cache, "/d/a", 5);
      CacheRig.write(rig.cache, "/d/a", 0, new byte[] {1});
      assertEquals(0, rig.cache.rename("/d", 7, "/e", 0, false));
      CacheRig.write(rig.cache, "/e/a", 1, new byte[] {2});
      // Someone who has the file open knows only the old path.
      assertEquals(1, CacheRig.write(rig.cache, "/d/a", 5, 2, new byte[] {3}));
      assertEquals(0, rig.cache.sync("/d/a", 5, false));
      assertArrayEquals(new byte[] {1, 2, 3}, rig.upstream.syncedContent("/e/a"));
    }
  }

  @Test
  void shouldKeepATimeThatWasSetAfterTheBytesWere() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      CacheRig.write(rig.cache, "/a", 0, new byte[100]);
      FileAttributes out = new FileAttributes();
      assertEquals(0, rig.cache.change("/a", 5, AttributeChange.times(1, 77_000), out));
      assertEquals(77_000, out.modifiedNs);
      assertEquals(100, out.sizeBytes);
      assertEquals(0, rig.cache.sync("/a", 5, false));
      rig.upstream.lookup("/a", 5, out);
      assertEquals(77_000, out.modifiedNs);
    }
  }

  @Test
  void shouldDropEverythingWhenAnotherOneHasTakenTheVolume() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      CacheRig.create(rig.cache, "/b", 6);
      CacheRig.write(rig.cache, "/b", 0, new byte[] {1});
      assertEquals(0, rig.cache.sync("/b", 0, false));
      CacheRig.write(rig.cache, "/a", 0, new byte[] {1});
      rig.held.set(false);
      rig.upstream.fault = operation -> -Errno.ESTALE;
      assertEquals(-Errno.EIO, rig.cache.sync("/a", 5, false));
      assertEquals(-Errno.ESTALE, rig.cache.sync("/a", 5, false));
      assertEquals(-Errno.ESTALE, rig.cache.sync("/b", 6, false));
      assertEquals(-Errno.ESTALE, CacheRig.write(rig.cache, "/a", 5, 0, new byte[] {1}));
      assertEquals(0, rig.cache.dirtyBytes());
      assertEquals(0, rig.cache.cachedBytes());
      rig.upstream.fault = operation -> 0;
      rig.held.set(true);
      // The other one has written.
      CacheRig.write(rig.upstream, "/b", 0, new byte[] {9, 9});
      rig.cache.regained();
      assertArrayEquals(new byte[] {9, 9}, CacheRig.read(rig.cache, "/b", 6, 0, 10));
      assertEquals(0, CacheRig.size(rig.cache, "/a"));
    }
  }

  @Test
  void shouldTakeAFileThatIsGoneForGoneAndNotTheVolume() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      CacheRig.write(rig.cache, "/a", 0, new byte[] {1});
      rig.upstream.unlink("/a", 0, false);
      assertEquals(-Errno.ESTALE, rig.cache.sync("/a", 5, false));
      assertEquals(0, rig.cache.dirtyBytes());
      assertEquals(1, CacheRig.size(rig.cache, "/warm"));
    }
  }

  @Test
  void shouldMakeGoodWhatUpstreamLost() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      byte[] bytes = CacheRig.random(4, 200_000);
      CacheRig.write(rig.cache, "/a", 0, bytes);
      // A sync that gets no further than the write-back.
      rig.upstream.fault = operation -> operation.equals("sync") ? -Errno.ETIMEDOUT : 0;
      assertEquals(-Errno.ETIMEDOUT, rig.cache.sync("/a", 5, false));
      rig.upstream.fault = operation -> 0;
      rig.upstream.crash(new Random(1));
      assertEquals(0, rig.cache.sync("/a", 5, false));
      assertArrayEquals(bytes, rig.upstream.syncedContent("/a"));
    }
  }

  @Test
  void shouldStayWithinItsMemory() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      byte[] bytes = CacheRig.random(5, MIB);
      for (int i = 0; i < 40; i++) {
        CacheRig.create(rig.cache, "/f" + i, 100 + i);
        assertEquals(MIB, CacheRig.write(rig.cache, "/f" + i, 0, bytes));
        assertTrue(rig.cache.cachedBytes() <= 4 * MIB);
      }
      for (int i = 0; i < 40; i++) {
        assertArrayEquals(bytes, CacheRig.read(rig.cache, "/f" + i, 0, 0, MIB));
      }
    }
  }

  /** The slots that its middle takes must not be those of the bytes that stay around it. */
  @Test
  void shouldKeepTheBytesAroundALongWriteWhenMemoryIsShort() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      byte[] expected = CacheRig.random(7, 8 * MIB);
      for (int at = 0; at < expected.length; at += MIB) {
        byte[] part = java.util.Arrays.copyOfRange(expected, at, at + MIB);
        assertEquals(MIB, CacheRig.write(rig.cache, "/a", 5, at, part));
      }
      assertEquals(0, rig.cache.sync("/a", 5, false));
      Random random = new Random(8);
      for (int i = 0; i < 400; i++) {
        int offset = random.nextInt(100) << 16;
        byte[] bytes = CacheRig.random(i, MIB / 2 + 100);
        // The block at the end is here, and has not been used for a while.
        CacheRig.read(rig.cache, "/a", 5, offset + bytes.length, 1);
        for (int j = random.nextInt(150); j > 0; j--) {
          CacheRig.read(rig.cache, "/a", 5, random.nextInt(8 * MIB), 1);
        }
        assertEquals(bytes.length, CacheRig.write(rig.cache, "/a", 5, offset, bytes));
        System.arraycopy(bytes, 0, expected, offset, bytes.length);
        assertEquals(0, rig.cache.sync("/a", 5, true));
        assertArrayEquals(
            java.util.Arrays.copyOfRange(expected, offset, offset + 600_000),
            java.util.Arrays.copyOfRange(
                rig.upstream.syncedContent("/a"), offset, offset + 600_000));
      }
      assertArrayEquals(expected, rig.upstream.syncedContent("/a"));
    }
  }

  @Test
  void shouldReadAheadOfASequentialReader() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET)) {
      CacheRig.create(rig.upstream, "/a", 5);
      byte[] bytes = CacheRig.random(6, 2 * MIB);
      CacheRig.write(rig.upstream, "/a", 0, java.util.Arrays.copyOf(bytes, MIB));
      CacheRig.write(rig.upstream, "/a", MIB, java.util.Arrays.copyOfRange(bytes, MIB, 2 * MIB));
      for (int at = 0; at < bytes.length; at += 4096) {
        assertArrayEquals(
            java.util.Arrays.copyOfRange(bytes, at, at + 4096),
            CacheRig.read(rig.cache, "/a", 5, at, 4096));
      }
      assertTrue(rig.upstream.calls("read") < 20, () -> "" + rig.upstream.calls);
    }
  }

  @Test
  void shouldReadCachedBytesWhileUpstreamIsBusy() throws InterruptedException {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      CacheRig.create(rig.cache, "/a", 5);
      CacheRig.write(rig.cache, "/a", 0, new byte[] {1});
      rig.upstream.writesWait = new CountDownLatch(1);
      int before = rig.upstream.calls("write");
      Thread syncer = new Thread(() -> rig.cache.sync("/a", 5, false));
      syncer.start();
      await().atMost(30, TimeUnit.SECONDS).until(() -> rig.upstream.calls("write") > before);
      assertArrayEquals(new byte[] {1}, CacheRig.read(rig.cache, "/a", 5, 0, 10));
      assertEquals(1, CacheRig.write(rig.cache, "/a", 5, 0, new byte[] {2}));
      rig.upstream.writesWait.countDown();
      syncer.join();
      assertArrayEquals(new byte[] {1}, rig.upstream.content("/a"));
      assertEquals(0, rig.cache.sync("/a", 5, false));
      assertArrayEquals(new byte[] {2}, rig.upstream.syncedContent("/a"));
    }
  }

  /** A block is written, written back and given up while an older read of it is on its way. */
  @Test
  void shouldNotKeepWhatWasReadBeforeItWasWritten() throws InterruptedException {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      CacheRig.create(rig.upstream, "/a", 5);
      CacheRig.write(rig.upstream, "/a", 0, new byte[4096]);
      CacheRig.create(rig.upstream, "/b", 6);
      for (int at = 0; at < 8; at++) {
        CacheRig.write(rig.upstream, "/b", (long) at * MIB, new byte[MIB]);
      }
      CountDownLatch wait = new CountDownLatch(1);
      rig.upstream.readWaits.set(wait);
      Thread reader = new Thread(() -> CacheRig.read(rig.cache, "/a", 5, 0, 4096));
      reader.start();
      await().atMost(30, TimeUnit.SECONDS).until(() -> rig.upstream.readWaits.get() == null);
      byte[] bytes = CacheRig.random(9, 4096);
      assertEquals(4096, CacheRig.write(rig.cache, "/a", 5, 0, bytes));
      Thread syncer = new Thread(() -> rig.cache.sync("/a", 5, false));
      syncer.start();
      // It may have to wait for the reader; if it need not, the block can go.
      syncer.join(300);
      for (int i = 0; i < 2; i++) {
        for (int at = 0; at < 8; at++) {
          CacheRig.read(rig.cache, "/b", 6, (long) at * MIB, MIB);
        }
      }
      wait.countDown();
      reader.join();
      syncer.join();
      assertArrayEquals(bytes, CacheRig.read(rig.cache, "/a", 5, 0, 4096));
      assertArrayEquals(bytes, rig.upstream.syncedContent("/a"));
    }
  }

  @Test
  void shouldAnswerAsUpstreamForWhatIsNoFile() {
    try (CacheRig rig = new CacheRig(CacheRig.QUIET).warm()) {
      rig.cache.makeDirectory("/d", 7, 0755, 0, 0, new FileAttributes());
      assertEquals(-Errno.EISDIR, CacheRig.write(rig.cache, "/d", 7, 0, new byte[1]));
      assertEquals(-Errno.EISDIR, rig.cache.unlink("/d", 7, false));
      assertEquals(0, rig.cache.sync("/d", 7, false));
      assertEquals(-Errno.ENOTDIR, CacheRig.write(rig.cache, "/warm/x", 0, 0, new byte[1]));
      assertEquals(
          -Errno.EFBIG, CacheRig.write(rig.cache, "/warm", 0, Long.MAX_VALUE - 5, new byte[9]));
      int most = Volume.TRANSFER_BYTES_MAX;
      assertEquals(-Errno.EINVAL, CacheRig.write(rig.cache, "/warm", 0, 0, new byte[most + 1]));
    }
  }
}

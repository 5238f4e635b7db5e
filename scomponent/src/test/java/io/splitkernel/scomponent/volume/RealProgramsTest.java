package io.splitkernel.scomponent.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs that ask much of a file system, on a mounted volume. */
@Timeout(240)
final class RealProgramsTest {
  private MountedModel mounted;

  @BeforeEach
  void mount() throws Exception {
    mounted = new MountedModel();
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted != null) {
      mounted.close();
    }
  }

  private static void needs(String program) {
    Assumptions.assumeTrue(
        MountedModel.has(program), () -> "there is no " + program + " that starts");
  }

  private void sqlite(String mode) throws Exception {
    needs("sqlite3");
    String setup =
        "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(i INTEGER PRIMARY KEY, x BLOB);";
    String fill =
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n<2000)"
            + " INSERT INTO t(x) SELECT randomblob(300) FROM c;";
    mounted.sh("sqlite3 db '" + setup + fill + "' > /dev/null");
    mounted.sh(
        "for k in 1 2 3; do (sqlite3 -cmd '.timeout 30000' db '"
            + fill
            + "') & done; wait;"
            + " sqlite3 db 'UPDATE t SET x=randomblob(500) WHERE i%3=0; DELETE FROM t WHERE i%5=0;"
            + " VACUUM;'");
    String check = "PRAGMA integrity_check; SELECT count(*) FROM t;";
    assertEquals("ok\n6400\n", mounted.sh("sqlite3 db '" + check + "'"));
  }

  @Test
  void sqliteWithAWriteAheadLog() throws Exception {
    sqlite("WAL");
  }

  @Test
  void sqliteWithARollbackJournal() throws Exception {
    sqlite("DELETE");
  }

  @Test
  void gitClonesAndChecks() throws Exception {
    needs("git");
    mounted.sh(
        "export HOME=$PWD GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a"
            + " GIT_COMMITTER_EMAIL=a@b; git init -q r; cd r; for i in $(seq 60); do"
            + " seq $i 2000 > f$i; done; git add .; git commit -qm one; git mv f1 g; git commit -qm"
            + " two; cd ..; git clone -q --no-hardlinks r c; git clone -q r h; cd c; git fsck --full"
            + " --strict; git gc -q; git fsck --full; git checkout -q HEAD~1; test -e f1;"
            + " test -z \"$(git status --porcelain)\"");
  }

  @Test
  void tarThereAndBack() throws Exception {
    needs("tar");
    mounted.sh(
        "mkdir -p a/b; for i in $(seq 100); do seq $i 500 > a/b/$i; done; ln a/b/1 a/hard; ln -s b/2"
            + " a/soft; mkfifo a/p; chmod 640 a/b/3; touch -d @1000 a/b/4; tar cf t.tar a; mkdir x;"
            + " tar xpf t.tar -C x; tar df t.tar -C x; test $(stat -c %i x/a/b/1) = $(stat -c %i"
            + " x/a/hard)");
  }

  @Test
  void gccCompilesAndItsProgramRuns() throws Exception {
    needs("gcc");
    String source = "#include <stdio.h>\nint main(void) { puts(\"runs\"); return 0; }\n";
    Files.writeString(mounted.point.resolve("a.c"), source);
    assertEquals("runs\n", mounted.sh("TMPDIR=$PWD gcc -g -O2 -pipe -o a a.c; ./a"));
    assertEquals("runs\n", mounted.sh("TMPDIR=$PWD gcc -c a.c; ar rc l.a a.o; gcc -o b l.a; ./b"));
  }

  @Test
  void fioVerifies() throws Exception {
    needs("fio");
    mounted.sh(
        "fio --name=v --rw=randwrite --bs=4k --size=16m --numjobs=2 --verify=crc32c --do_verify=1"
            + " --verify_fatal=1 --fsync=64 --ioengine=psync --minimal > /dev/null");
    mounted.sh(
        "fio --name=m --rw=randrw --bs=4k-256k --size=16m --verify=crc32c --verify_fatal=1"
            + " --ioengine=mmap --minimal > /dev/null");
    mounted.sh(
        "fio --name=d --rw=write --bs=1m --size=64m --direct=1 --verify=crc32c --verify_fatal=1"
            + " --ioengine=psync --minimal > /dev/null");
  }

  @Test
  void sharedMappingsAreSeen() throws Exception {
    Path file = mounted.point.resolve("m");
    StandardOpenOption[] options = {
      StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE
    };
    try (FileChannel channel = FileChannel.open(file, options)) {
      channel.write(ByteBuffer.wrap(new byte[100_000]));
      MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, 100_000);
      map.put(70_000, (byte) 'x');
      channel.force(true); // not the mapping: fsync is enough
      try (FileChannel other = FileChannel.open(file)) {
        ByteBuffer one = ByteBuffer.allocate(1);
        assertEquals(1, other.read(one, 70_000));
        assertEquals('x', one.get(0));
        other.read(one.clear(), 70_001);
        channel.write(ByteBuffer.wrap(new byte[] {'y'}), 70_001);
        assertEquals('y', map.get(70_001));
      }
      FileAttributes out = new FileAttributes();
      assertEquals(0, mounted.volume.lookup("/m", 0, out));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment there = arena.allocate(1);
        assertEquals(1, mounted.volume.read("/m", out.id, 70_000, there));
        assertEquals('x', there.get(ValueLayout.JAVA_BYTE, 0));
      }
    }
    assertEquals("xy", mounted.sh("tail -c +70001 m | head -c 2"));
  }

  @Test
  void aFileThatIsReadInOrderIsAskedForInLongPieces() throws Exception {
    mounted.sh("head -c 16000000 /dev/urandom > f");
    ReadVolume read = new ReadVolume(mounted.volume);
    Path point = Files.createTempDirectory("lego-mount");
    try (VolumeMount mount = VolumeMount.mount(read.volume, MountSettings.of(point, "read"))) {
      mounted.sh("dd if=" + point + "/f bs=4k of=g; cmp f g");
      Path setting = Path.of("/sys/class/bdi", MountPoints.device(point), "read_ahead_kb");
      Assumptions.assumeTrue(Files.isWritable(setting), "only root can have it read far ahead");
      assertEquals(Volume.TRANSFER_BYTES_MAX, read.longest());
      assertFalse(mount.awaitEnd(0));
    } finally {
      Files.delete(point);
    }
  }
}

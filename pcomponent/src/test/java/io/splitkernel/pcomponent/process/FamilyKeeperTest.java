package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Syscall;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs under a keeper, as long as this process lives. */
@Timeout(60)
class FamilyKeeperTest {
  private static final long SYS_KILL = 62;
  private static final long SYS_GETPGID = 121;
  private static final long TIMEOUT_NS = 30_000_000_000L;
  private static final int SIGKILL = 9;
  private static final int SIGCONT = 18;
  private static final int SIGSTOP = 19;

  /** A seccomp filter: BPF_RET of SECCOMP_RET_ALLOW. */
  private static final byte[] ALLOW_ALL = {6, 0, 0, 0, 0, 0, (byte) 0xff, 0x7f};

  @TempDir Path directory;
  private FamilyKeeper keeper;

  @BeforeEach
  void start() throws IOException {
    keeper = FamilyKeeper.start();
  }

  @AfterEach
  void close() {
    keeper.close();
  }

  private int shell(String line) throws IOException {
    return keeper.spawn(
        "/bin/sh", bytes("sh", "-c", line), bytes("A.b=1"), Inherited.ofThisProcess());
  }

  private static List<byte[]> bytes(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  @Test
  void shouldReportHowTheProgramEnded() throws IOException {
    shell("exit 3");
    assertEquals(new FamilyEvent.Exited(3 << 8), keeper.nextEvent(TIMEOUT_NS));
    assertEquals(new FamilyEvent.FamilyEnded(), keeper.nextEvent(TIMEOUT_NS));
    assertNull(keeper.nextEvent(0));
  }

  @Test
  void shouldReportTheSignalThatEndedTheProgram() throws IOException {
    int pid = shell("kill -KILL $$");
    assertEquals(new FamilyEvent.Exited(SIGKILL), keeper.nextEvent(TIMEOUT_NS));
    assertFalse(Files.exists(Path.of("/proc/" + pid)), "it is not collected");
  }

  @Test
  void shouldReportStopsAndContinuations() throws IOException {
    int pid = shell("read forever < " + fifo());
    for (int round = 0; round < 3; round++) {
      Syscall.call(SYS_KILL, pid, SIGSTOP, 0);
      assertEquals(new FamilyEvent.Stopped(SIGSTOP), keeper.nextEvent(TIMEOUT_NS));
      Syscall.call(SYS_KILL, pid, SIGCONT, 0);
      assertEquals(new FamilyEvent.Continued(), keeper.nextEvent(TIMEOUT_NS));
    }
    Syscall.call(SYS_KILL, pid, SIGKILL, 0);
    assertEquals(new FamilyEvent.Exited(SIGKILL), keeper.nextEvent(TIMEOUT_NS));
  }

  @Test
  void shouldReportTheEndOfTheFamilyAfterItsLastOrphan() throws IOException {
    Path fifo = fifo();
    shell("setsid sh -c 'setsid sh -c \"read x < " + fifo + "\" & ' & exit 0");
    assertEquals(new FamilyEvent.Exited(0), keeper.nextEvent(TIMEOUT_NS));
    assertNull(keeper.nextEvent(0), "an orphan still waits");
    Files.writeString(fifo, "x\n");
    assertEquals(new FamilyEvent.FamilyEnded(), keeper.nextEvent(TIMEOUT_NS));
  }

  @Test
  void shouldKillWhatIsLeftWhenClosed() throws IOException {
    Path pid = directory.resolve("pid");
    shell("(trap '' TERM HUP; echo $$ > " + pid + "; setsid cat < " + fifo() + ") & wait");
    while (!Files.exists(pid) || Files.size(pid) == 0) {
      Thread.onSpinWait();
    }
    keeper.close();
    assertFalse(Files.exists(Path.of("/proc/" + Files.readString(pid).strip())));
    assertFalse(Files.exists(Path.of("/proc/" + keeper.guardPid())));
  }

  @Test
  void shouldStartTheProgramInTheGroupOfThisProcessWithItsBytesAlone() throws IOException {
    int pid = shell("read forever < " + fifo());
    assertEquals(Syscall.call(SYS_GETPGID, 0, 0, 0), Syscall.call(SYS_GETPGID, pid, 0, 0));
    assertEquals("A.b=1\0", Files.readString(Path.of("/proc/" + pid + "/environ")));
    assertTrue(Files.readString(Path.of("/proc/" + pid + "/stat")).contains(" " + keeper.pid()));
  }

  @Test
  void shouldGiveTheProgramWhatItInherits() throws IOException {
    Inherited inherited = new Inherited(0x4200, 0x1000, 123, 456);
    Path out = directory.resolve("out");
    String line = "ulimit -n; ulimit -Hn; exec grep Sig[BI] /proc/self/status";
    keeper.spawn("/bin/sh", bytes("sh", "-c", "exec > " + out + "; " + line), bytes(), inherited);
    assertEquals(new FamilyEvent.Exited(0), keeper.nextEvent(TIMEOUT_NS));
    assertEquals(
        "123\n456\nSigBlk:\t0000000000004200\nSigIgn:\t0000000000001000\n", Files.readString(out));
  }

  @Test
  void shouldSayWhyAProgramCannotBeExecuted() throws IOException {
    Inherited inherited = Inherited.ofThisProcess();
    assertThrows(IOException.class, () -> keeper.spawn("/no/such", bytes("x"), bytes(), inherited));
    shell("exit 5");
    assertEquals(new FamilyEvent.Exited(5 << 8), keeper.nextEvent(TIMEOUT_NS));
  }

  @Test
  void shouldPassArgumentsOfAnySizeAndEmptyOnes() throws IOException {
    Path out = directory.resolve("out");
    String large = "x".repeat(100_000);
    keeper.spawn(
        "/bin/sh",
        bytes("sh", "-c", "printf '%s ' $# ${#1} ${#2} ${#3} > " + out, "sh", large, "", large),
        bytes(),
        Inherited.ofThisProcess());
    assertEquals(new FamilyEvent.Exited(0), keeper.nextEvent(TIMEOUT_NS));
    assertEquals("3 100000 0 100000 ", Files.readString(out));
  }

  @Test
  void shouldStartTheLauncher() throws IOException {
    ProgramSpec spec = new ProgramSpec(bytes("sh", "-c", "exit 6"), bytes("PATH=/bin"), "", "");
    try (Launch launch = Launch.start(spec, keeper)) {
      FileDescriptor.close(launch.takeListener(ALLOW_ALL));
      assertTrue(launch.pid() > 0);
    }
    // it finds that nobody leads it any further
    assertEquals(new FamilyEvent.Exited(125 << 8), keeper.nextEvent(TIMEOUT_NS));
  }

  @Test
  void shouldHoldNoMemoryOfThisProcess() throws IOException {
    for (int pid : new int[] {keeper.pid(), keeper.guardPid()}) {
      List<String> maps = Files.readAllLines(Path.of("/proc/" + pid + "/maps"));
      assertTrue(maps.size() < 12, () -> String.join("\n", maps));
    }
  }

  @Test
  void shouldTellWhenTheKeeperWasKilled() {
    Syscall.call(SYS_KILL, keeper.pid(), SIGKILL, 0);
    assertInstanceOf(FamilyEvent.KeeperDied.class, keeper.nextEvent(TIMEOUT_NS));
    assertThrows(IOException.class, () -> shell("exit 0"));
  }

  @Test
  void shouldLeaveNoDescriptorBehind() throws IOException {
    long before = descriptors();
    for (int i = 0; i < 3; i++) {
      FamilyKeeper another = FamilyKeeper.start();
      another.close();
      another.close();
    }
    assertEquals(before, descriptors());
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
      return entries.count();
    }
  }

  private Path fifo() throws IOException {
    Path fifo = directory.resolve("fifo");
    try {
      new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return fifo;
  }
}

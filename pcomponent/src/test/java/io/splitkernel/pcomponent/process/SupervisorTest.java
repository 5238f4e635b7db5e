package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.splitkernel.pcomponent.fault.ProcessorCounter;
import io.splitkernel.pcomponent.fault.ProcessorCounters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Supervision of real programs, whose memory has room in the cache. */
@Timeout(60)
final class SupervisorTest {
  private static final long CACHE_BYTES = 64L << 20;

  private final ProcessorCounters counters = new ProcessorCounters();

  @TempDir Path directory;

  private ProgramEnd run(String... argv) throws IOException {
    return SupervisedProgram.run(CACHE_BYTES, counters, argv);
  }

  @Test
  void shouldCountWhatCannotBeSupervised() throws IOException {
    assertEquals(0, run("true").exitStatus());
    assertEquals(0, counters.get(ProcessorCounter.LOCAL_PROCESSES));

    assertEquals(0, run("unshare", "--pid", "true").exitStatus()); // its children's namespace

    assertEquals(1, counters.get(ProcessorCounter.LOCAL_PROCESSES));
  }

  @Test
  void shouldTellWhatACoreDumpLacks() throws IOException {
    String pattern = Files.readString(Path.of("/proc/sys/kernel/core_pattern"));
    assumeFalse(pattern.contains("/") || pattern.startsWith("|"), "cores go elsewhere");
    String crash =
        "ulimit -c unlimited; cd "
            + directory
            + "; exec python3 -c '"
            + "import os; kept = b\"x\" * ("
            + 2 * CACHE_BYTES
            + "); os.abort()'";

    ProgramEnd end = run("sh", "-c", crash);

    assertEquals(134, end.exitStatus());
    assertEquals(1, end.notes().size(), end.notes()::toString);
    assertTrue(end.notes().getFirst().contains("core dump"), end.notes()::toString);
    assertEquals(List.of(), run("sh", "-c", "ulimit -c 0; kill -ABRT $$").notes());
  }

  @Test
  void shouldHandOnTheExitStatus() throws IOException {
    assertEquals(0, run("true").exitStatus());
    assertEquals(3, run("sh", "-c", "exit 3").exitStatus());
  }

  @Test
  void shouldReport128PlusSignalWhenASignalEndsTheProgram() throws IOException {
    assertEquals(128 + 15, run("sh", "-c", "kill -TERM $$").exitStatus());
  }

  @Test
  void shouldAnswer127WhenThereIsNoSuchProgram() throws IOException {
    assertEquals(127, run("no-such-program-anywhere").exitStatus());
  }

  @Test
  void shouldFollowForksPipesAndSubshells() throws IOException {
    Path out = directory.resolve("out");
    ProgramEnd end = run("sh", "-c", "seq 1 5000 | sort -rn | (read a; echo $a; wc -l) > " + out);
    assertEquals(0, end.exitStatus());
    assertEquals("5000\n4999\n", Files.readString(out));
    long forks = counters.get(ProcessorCounter.FORKS);
    assertTrue(forks >= 3, "forks seen: " + forks);
  }

  @Test
  void shouldKeepArgumentsByteExact() throws IOException {
    Path out = directory.resolve("out");
    assertEquals(
        0, run("sh", "-c", "printf '%s|' \"$@\" > " + out, "sh", "a b", "", "ä").exitStatus());
    assertEquals("a b||ä|", Files.readString(out));
  }

  @Test
  void shouldShowTheProgramNoChildThatItHasNotMade() throws IOException {
    Path out = directory.resolve("out");
    ProgramEnd end =
        run(
            "python3",
            "-c",
            "import os\n"
                + "pid=os.fork()\n"
                + "if pid==0: os._exit(3)\n"
                + "s=os.waitpid(pid,0)[1]>>8\n"
                + "try: os.waitpid(-1, os.WNOHANG|0x40000000); left='more'\n"
                + "except ChildProcessError: left='none'\n"
                + "open('"
                + out
                + "','w').write(f'{s} {left}')");
    assertEquals(0, end.exitStatus());
    assertEquals("3 none", Files.readString(out));
  }

  @Test
  void shouldGoOnWithANewAgentWhenTheAgentIsKilled() throws IOException {
    Path out = directory.resolve("out");
    ProgramEnd end =
        run(
            "python3",
            "-c",
            """
            import os, signal, time
            def status(pid, name):
                try:
                    with open(f'/proc/{pid}/status') as lines:
                        return next(x.split()[1] for x in lines if x.startswith(name + ':'))
                except OSError: # it has ended meanwhile
                    return ''
            def agents():
                parent = status('self', 'PPid')
                return [int(p) for p in os.listdir('/proc') if p.isdigit()
                    and status(p, 'Name') == 'lego-agent' and status(p, 'PPid') == parent]
            kept = bytearray(b'x') * 1000000
            killed = agents()
            for agent in killed: os.kill(agent, signal.SIGKILL)
            more = [bytearray(b'y') * 1000000 for _ in range(20)]
            whole = kept == b'x' * 1000000 and all(m == b'y' * 1000000 for m in more)
            open('%s', 'w').write(f'{len(killed)} {len(agents())} {whole}')
            """
                .formatted(out));
    assertEquals(0, end.exitStatus(), end.reason());
    assertEquals("1 1 True", Files.readString(out));
  }

  @Test
  void shouldRunThreadsThatAllocate() throws IOException {
    Path out = directory.resolve("out");
    ProgramEnd end =
        run(
            "python3",
            "-c",
            "import threading\n"
                + "r=[0]*8\n"
                + "def f(i): r[i]=sum(len(bytearray(100000)) for _ in range(50))\n"
                + "t=[threading.Thread(target=f,args=(i,)) for i in range(8)]\n"
                + "[x.start() for x in t]; [x.join() for x in t]\n"
                + "open('"
                + out
                + "','w').write(str(sum(r)))");
    assertEquals(0, end.exitStatus());
    assertEquals("40000000", Files.readString(out));
  }

  @Test
  void shouldAnswerEnomemWhenAMappingExceedsTheMemory() throws IOException {
    Path out = directory.resolve("out");
    ProgramEnd end =
        run(
            "python3",
            "-c",
            "try:\n b=bytearray(2<<30)\nexcept MemoryError: open('"
                + out
                + "','w').write('refused')");
    assertEquals(0, end.exitStatus());
    assertEquals("refused", Files.readString(out));
  }
}

package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Supervision of real programs whose memory stays native. */
@Timeout(60)
final class SupervisorTest {
  private final PassiveSpaces spaces = new PassiveSpaces();

  @TempDir Path directory;

  private ProgramEnd run(String... argv) throws IOException {
    List<byte[]> arguments = new ArrayList<>();
    for (String argument : argv) {
      arguments.add(argument.getBytes(StandardCharsets.UTF_8));
    }
    List<byte[]> environment = new ArrayList<>();
    System.getenv()
        .forEach((k, v) -> environment.add((k + "=" + v).getBytes(StandardCharsets.UTF_8)));
    Supervisor supervisor =
        new Supervisor(
            new SupervisorConfig(1L << 30, SupervisorConfig.AGENT_DEADLINE_NS_DEFAULT, true, 1L << 20));
    ProgramEnd end = supervisor.run(new ProgramSpec(arguments, environment, "", ""), spaces);
    assertEquals(0, spaces.live.size(), "address spaces that were never given back");
    return end;
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
    assertTrue(spaces.attached.get() >= 4, "spaces seen: " + spaces.attached.get());
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
  void shouldEndTheProgramWithAReasonWhenItsAgentIsKilled() throws IOException {
    ProgramEnd end =
        run(
            "sh",
            "-c",
            "sleep 0.2; kill -9 $(grep -l lego-agent /proc/[0-9]*/comm | cut -d/ -f3 | while read p;"
                + " do [ $(awk '/^PPid/{print $2}' /proc/$p/status) = "
                + ProcessHandle.current().pid()
                + " ] && echo $p; done); sleep 20");
    assertEquals(ProgramEnd.Cause.LEGO, end.cause());
    assertTrue(end.reason().contains("agent"), end.reason());
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

package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit statuses, signals both ways, and the three standard streams. */
@Timeout(240)
class SignalsTest {
  private static final long CACHE_BYTES = 8L << 20;
  private static final long SECONDS_MAX = 60;

  @TempDir Path scratch;
  private final Processes processes = new Processes();

  @AfterEach
  void killLeftOvers() {
    processes.killAll();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 125, 126, 127, 128, 200, 255})
  void shouldEndWithTheExitStatusOfTheProgram(int status) throws Exception {
    new SideBySide(scratch, "/bin/sh", "-c", "echo out; echo err >&2; exit " + status)
        .compare(CACHE_BYTES);
  }

  @ParameterizedTest
  @CsvSource({"SEGV,139", "KILL,137", "TERM,143", "ABRT,134", "HUP,129", "INT,130", "USR1,138"})
  void shouldEndWith128PlusTheSignalThatEndedTheProgram(String signal, int status)
      throws Exception {
    SideBySide both =
        new SideBySide(scratch, "/bin/sh", "-c", "ulimit -c 0; kill -" + signal + " $$; sleep 9");
    assertEquals(status, both.compare(CACHE_BYTES).exitStatus());
  }

  @ParameterizedTest
  @CsvSource({
    "HUP,1",
    "INT,2",
    "QUIT,3",
    "ILL,4",
    "TRAP,5",
    "ABRT,6",
    "BUS,7",
    "FPE,8",
    "USR1,10",
    "SEGV,11",
    "USR2,12",
    "PIPE,13",
    "ALRM,14",
    "TERM,15",
    "STKFLT,16",
    "URG,23",
    "XCPU,24",
    "XFSZ,25",
    "VTALRM,26",
    "PROF,27",
    "IO,29",
    "PWR,30",
    "SYS,31",
    "34,34",
    "50,50",
    "64,64"
  })
  void shouldForwardSignalToTheProgram(String signal, int number) throws Exception {
    Path ready = scratch.resolve("ready");
    try (LiveProgram lego = lego(Workspace.compiled("signals"), ready.toString(), "7")) {
      LiveProgram.awaitLine(ready, SECONDS_MAX);
      LiveProgram.kill(signal, lego.pid());
      assertEquals(7, lego.exitStatus(SECONDS_MAX), lego.output());
      assertEquals("signal " + number + "\n", lego.output());
    }
  }

  @Test
  void shouldEndWith143WhenTheProgramDiesOfForwardedSigterm() throws Exception {
    Path ready = scratch.resolve("ready");
    try (LiveProgram lego = lego(Workspace.compiled("signals"), ready.toString(), "die")) {
      LiveProgram.awaitLine(ready, SECONDS_MAX);
      LiveProgram.kill("TERM", lego.pid());
      assertEquals(143, lego.exitStatus(SECONDS_MAX), lego.output());
    }
  }

  @ParameterizedTest
  @CsvSource({"ABRT,134", "SEGV,139", "PIPE,141", "XCPU,152", "SYS,159", "40,168"})
  void shouldEndWith128PlusTheForwardedSignalThatEndsTheProgram(String signal, int status)
      throws Exception {
    try (LiveProgram lego = lego("/bin/sh", "-c", "ulimit -c 0; echo ready; exec sleep 60")) {
      lego.expect("ready", SECONDS_MAX);
      LiveProgram.kill(signal, lego.pid());
      assertEquals(status, lego.exitStatus(SECONDS_MAX), lego.output());
    }
  }

  @Test
  void shouldEndLikeTheProgramWhenItIsKilledFromOutside() throws Exception {
    Path ready = scratch.resolve("ready");
    try (LiveProgram lego = lego(Workspace.compiled("signals"), ready.toString(), "7")) {
      long pid = Long.parseLong(LiveProgram.awaitLine(ready, SECONDS_MAX));
      LiveProgram.kill("KILL", pid);
      assertEquals(137, lego.exitStatus(SECONDS_MAX), lego.output());
    }
    LiveProgram.await(20, "no process is left", () -> processes.alive().isEmpty());
  }

  @Test
  void shouldTakeTheProgramAlongWhenLegoRunIsKilled() throws Exception {
    Path ready = scratch.resolve("ready");
    List<String> shared = Processes.sharedMemoryFiles();
    try (LiveProgram lego = lego(Workspace.compiled("signals"), ready.toString(), "7")) {
      LiveProgram.awaitLine(ready, SECONDS_MAX);
      LiveProgram.kill("KILL", lego.pid());
      lego.exitStatus(SECONDS_MAX);
      LiveProgram.await(
          20, "no process is left: " + processes.alive(), () -> processes.alive().isEmpty());
      assertEquals(shared, Processes.sharedMemoryFiles());
    }
  }

  @Test
  void shouldStopAndContinueWithTheProgram() throws Exception {
    Path ready = scratch.resolve("ready");
    try (LiveProgram lego = lego(Workspace.compiled("signals"), ready.toString(), "7")) {
      long pid = Long.parseLong(LiveProgram.awaitLine(ready, SECONDS_MAX));
      LiveProgram.kill("STOP", pid);
      LiveProgram.await(10, "the program is stopped", () -> "Tt".indexOf(state(pid)) >= 0);
      LiveProgram.kill("TERM", pid);
      LiveProgram.kill("CONT", pid);
      assertEquals(7, lego.exitStatus(SECONDS_MAX), lego.output());
      assertEquals("signal 15\n", lego.output());
    }
  }

  @Test
  void shouldPassStandardInputAndOutputOnByteByByte() throws Exception {
    Path file = RealProgramsTest.randomLines(scratch.resolve("lines"), 8L << 20, 48);
    new SideBySide(scratch, "/bin/cat").input(file).compare(CACHE_BYTES);
  }

  @Test
  void shouldTalkThroughPipesAsItHappens() throws Exception {
    try (LiveProgram lego = lego("/bin/cat")) {
      for (int turn = 0; turn < 3; turn++) {
        lego.send("turn " + turn + "\n");
        lego.expect("turn " + turn + "\n", SECONDS_MAX);
      }
      lego.closeInput();
      assertEquals(0, lego.exitStatus(SECONDS_MAX), lego.output());
    }
  }

  @Test
  void shouldEndBySigpipeWhenTheReaderHasGone() throws Exception {
    String line =
        "\"" + Workspace.lego() + "\" run --cache 8m --memory 256m -- /usr/bin/yes; echo $? >&2";
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", "-c", "(" + line + ") 2>status | head -n 1")
            .directory(scratch.toFile());
    builder.environment().clear();
    builder.environment().putAll(processes.environment());
    Process shell = builder.start();
    assertEquals(0, shell.waitFor());
    assertEquals("141", LiveProgram.awaitLine(scratch.resolve("status"), SECONDS_MAX));
  }

  @Test
  void shouldSayInOneLineThatTheProgramDoesNotExist() throws Exception {
    ProgramRun run = new SideBySide(scratch, "/does/not/exist").runUnderLego(CACHE_BYTES);
    assertTrue(run.exitStatus() >= 125 && run.exitStatus() <= 127, "status " + run.exitStatus());
    assertEquals(1, run.stderrText().lines().count(), run::stderrText);
    assertTrue(run.stderrText().contains("/does/not/exist"), run::stderrText);
  }

  @Test
  void shouldRunScriptWithInterpreterLine() throws Exception {
    Path script = scratch.resolve("script");
    Files.writeString(script, "#!/bin/sh\necho \"$0 $1\"\nexit 4\n");
    assertTrue(script.toFile().setExecutable(true));
    new SideBySide(scratch, script.toString(), "argument").compare(CACHE_BYTES);
  }

  private static char state(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2);
    } catch (java.io.IOException e) {
      return '?';
    }
  }

  private LiveProgram lego(String... command) throws Exception {
    List<String> line = new java.util.ArrayList<>(List.of(Workspace.lego().toString(), "run"));
    line.addAll(List.of("--cache", "8m", "--memory", "256m", "--"));
    line.addAll(List.of(command));
    return new LiveProgram(scratch, processes.environment(), line);
  }
}

package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs on a terminal, which script(1) provides: line editing, job control, Ctrl-C, Ctrl-Z. */
@Timeout(240)
class TerminalTest {
  private static final long SECONDS_MAX = 60;
  private static final String CONTROL_C = "\u0003";
  private static final String CONTROL_D = "\u0004";
  private static final String CONTROL_Z = "\u001a";

  @TempDir Path scratch;
  private final Processes processes = new Processes();

  @AfterEach
  void killLeftOvers() {
    processes.killAll();
  }

  @Test
  void shouldRunInteractiveShellWithJobControl() throws Exception {
    String bash = Workspace.installed("bash");
    try (LiveProgram terminal = onTerminal(bash + " --norc --noprofile -i")) {
      terminal.send("PS1='ready> '; echo sum$((40+2)); tty\n");
      terminal.expect("sum42", SECONDS_MAX);
      terminal.expect("/dev/pts/", SECONDS_MAX);
      terminal.send("sleep 60; echo interrupted$?\n");
      awaitChild("sleep 60");
      terminal.send(CONTROL_C);
      terminal.send("echo after$((1+1))\n");
      terminal.expect("after2", SECONDS_MAX);
      terminal.send("sleep 61\n");
      awaitChild("sleep 61");
      terminal.send(CONTROL_Z);
      terminal.expect("Stopped", SECONDS_MAX);
      terminal.send("jobs -l; bg; echo back$((2+3))\n");
      terminal.expect("back5", SECONDS_MAX);
      terminal.send("kill %1; wait %1; echo killed$?\n");
      terminal.expect("killed143", SECONDS_MAX);
      terminal.send("trap 'echo trapped$((3+3))' USR1; kill -USR1 $$\n");
      terminal.expect("trapped6", SECONDS_MAX);
      terminal.send("exit 9\n");
      assertEquals(9, terminal.exitStatus(SECONDS_MAX), terminal.output());
    }
    LiveProgram.await(10, "no process is left", () -> processes.alive().isEmpty());
  }

  @Test
  void shouldRunPythonPrompt() throws Exception {
    String python = Workspace.installed("python3");
    try (LiveProgram terminal = onTerminal(python + " -q")) {
      terminal.expect(">>> ", SECONDS_MAX);
      terminal.send("x = list(range(2000000)); print('sum', sum(x))\n");
      terminal.expectAfter("sum 1999999000000", ">>> ", SECONDS_MAX);
      terminal.send("import time; print('nap'+'ping'); time.sleep(60)\n");
      terminal.expect("napping", SECONDS_MAX);
      terminal.send(CONTROL_C);
      terminal.expectAfter("KeyboardInterrupt\r\n", ">>> ", SECONDS_MAX);
      terminal.send("print('still', sum(x) + 1)\n");
      // only at its prompt is the terminal raw: what is typed as the mode changes may be lost
      terminal.expectAfter("still 1999999000001", ">>> ", SECONDS_MAX);
      terminal.send(CONTROL_D);
      assertEquals(0, terminal.exitStatus(SECONDS_MAX), terminal.output());
    }
  }

  @Test
  void shouldEndWith130WhenControlCEndsTheProgram() throws Exception {
    try (LiveProgram terminal = onTerminal("/bin/sleep 62")) {
      awaitChild("/bin/sleep 62");
      terminal.send(CONTROL_C);
      assertEquals(130, terminal.exitStatus(SECONDS_MAX), terminal.output());
    }
    LiveProgram.await(10, "no process is left", () -> processes.alive().isEmpty());
  }

  @Test
  void shouldLeaveTheTerminalAsItWas() throws Exception {
    try (LiveProgram terminal = onShellTerminal("stty -a; LEGO -- stty -echo -icanon; stty -a")) {
      assertEquals(0, terminal.exitStatus(SECONDS_MAX), terminal.output());
      assertTrue(terminal.output().contains(" -echo "), terminal.output());
      assertTrue(terminal.output().contains("-icanon"), terminal.output());
    }
  }

  @Test
  void shouldStopUnderTheShellOfTheUserAndContinue() throws Exception {
    try (LiveProgram terminal =
        onShellTerminal("exec " + Workspace.installed("bash") + " --norc --noprofile -i")) {
      terminal.send("PS1='outer> '\n");
      // its output differs from the terminal's echo
      terminal.send(lego() + " -- /bin/sed -u s/i/1/\n");
      awaitChild("/bin/sed -u s/i/1/");
      terminal.send("first\n");
      terminal.expect("f1rst", SECONDS_MAX);
      terminal.send(CONTROL_Z);
      terminal.expect("Stopped", SECONDS_MAX);
      terminal.send("echo outside$((4+4))\n");
      terminal.expect("outside8", SECONDS_MAX);
      terminal.send("fg\n");
      terminal.send("again\n");
      terminal.expect("aga1n", SECONDS_MAX);
      terminal.send(CONTROL_D);
      terminal.send("echo end$?of; exit 0\n");
      terminal.expect("end0of", SECONDS_MAX);
      assertEquals(0, terminal.exitStatus(SECONDS_MAX), terminal.output());
    }
  }

  private void awaitChild(String command) {
    LiveProgram.await(
        SECONDS_MAX,
        command + " runs",
        () -> processes.alive().values().stream().anyMatch(line -> line.equals(command)));
  }

  private LiveProgram onTerminal(String command) throws Exception {
    return onShellTerminal("exec " + lego() + " -- " + command);
  }

  private static String lego() {
    return "'" + Workspace.lego() + "' run --cache 8m --memory 512m";
  }

  private LiveProgram onShellTerminal(String line) throws Exception {
    String script = Workspace.installed("script");
    return new LiveProgram(
        scratch,
        processes.environment(),
        List.of(script, "-q", "-e", "-c", line.replace("LEGO", lego()), "/dev/null"));
  }
}

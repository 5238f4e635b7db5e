package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code lego run} in the place of its program: what the caller gives arrives as without it. */
@Timeout(120)
class StandInTest {
  private static final long SECONDS_MAX = 60;

  /** Gives a program a signal mask and ignored signals that no shell would give it. */
  private static final String MASKED =
      """
      python3 -c 'import os, signal, sys
      signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGUSR1, signal.SIGTERM})
      for s in signal.SIGPIPE, signal.SIGXFSZ, signal.SIGUSR2: signal.signal(s, signal.SIG_IGN)
      signal.signal(signal.SIGINT, signal.SIG_DFL)
      os.execvp(sys.argv[1], sys.argv[1:])'\
      """;

  @TempDir Path scratch;
  private final Processes processes = new Processes();

  @AfterEach
  void killLeftOvers() {
    processes.killAll();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$RUN cat <&-",
        "$RUN sh -c 'echo lost; echo $? >&2' >&-",
        "$RUN sh -c 'echo lost >&2; echo $?' 2>&-",
        "$RUN /bin/ls /proc/self/fd <&- 2>&-",
        "$RUN /bin/ls -l /proc/self/fd 5<Input 7<&0 </dev/null | sed 's/.*[0-9] \\([0-9]\\)/\\1/;s/pipe.*//;/proc/d'",
      })
  void shouldHaveTheDescriptorsThatTheCallerLeftOpen(String line) throws Exception {
    Files.writeString(scratch.resolve("Input"), "input\n");
    compare(line);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "env -i $RUN /usr/bin/env",
        "env -i Z=1 a.b=1 'BASH_FUNC_f%%=() {  echo shell;\n}' A=2 a-c= PWD=/x SHLVL=7 _=y $RUN /usr/bin/env",
        "env -i \"$(printf 'B\\377\\376=\\001\\377\\nnext')\" $RUN /usr/bin/env",
        "JAVA_TOOL_OPTIONS=-Xmx1g JDK_JAVA_OPTIONS=-Xmx2g $RUN /usr/bin/env | grep JAVA_",
        "bash -c 'f() { echo called; }; export -f f; exec $RUN bash -c f'",
        "A=$(head -c 120000 /dev/zero | tr '\\0' a) B=$A C=$A D=$A; export A B C D;"
            + " $RUN sh -c 'echo ${#A}${#B}${#C}${#D}'",
      })
  void shouldHaveTheEnvironmentOfTheCaller(String line) throws Exception {
    compare(line);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$RUN cat /proc/self/coredump_filter",
        "ulimit -Sn 300; $RUN sh -c 'ulimit -n; ulimit -Hn'",
        "ulimit -s 4096; ulimit -c 0; $RUN sh -c 'ulimit -s; ulimit -c'",
        MASKED + " $RUN grep -E 'Sig(Blk|Ign)' /proc/self/status",
        "nice -n 5 taskset 1 $RUN sh -c 'nice; exec grep Cpus_allowed: /proc/self/status'",
        "umask 027; $RUN sh -c umask",
        "setarch -R $RUN cat /proc/self/personality",
        "chrt -b 0 $RUN sh -c 'chrt -p $$ | sed s/pid.*s//'",
        "choom -n 500 -- $RUN cat /proc/self/oom_score_adj",
        "setsid -w $RUN sh -c 'trap \"\" TTIN; ps -o tty= -p $$'",
      })
  void shouldInheritWhatTheCallerHas(String line) throws Exception {
    compare(line);
  }

  @Test
  void shouldHaveArgumentsAndNamesOfAnyBytes() throws Exception {
    compare(
        "name=$(printf 'pr\\377\\351g x'); cp /usr/bin/printf \"$name\";"
            + " $RUN \"./$name\" '[%s]' '' @file \"$(printf '\\376')\" -- -x;"
            + " LC_ALL=C.UTF-8 $RUN \"./$name\" y; PATH=$PWD $RUN \"$name\" z");
  }

  @Test
  void shouldStartInADirectoryThatWasDeleted() throws Exception {
    // the shell that carries the command says itself that it has no directory
    compare(
        "mkdir gone; cd gone; rmdir ../gone;"
            + " $RUN /bin/sh -c '/bin/ls -la .; readlink /proc/self/cwd' 2>/dev/null");
  }

  private void compare(String line) throws Exception {
    String natively = run(line, "");
    String lego = Workspace.lego() + " run --cache 8m --memory 256m --";
    assertEquals(natively, run(line, lego), line);
  }

  /** Runs it and gives both outputs and the status. */
  private String run(String line, String prefix) throws Exception {
    Path out = scratch.resolve("out");
    String text = line.replace("$RUN", prefix);
    Map<String, String> environment = processes.environment();
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", "-c", text)
            .directory(Files.createDirectories(scratch.resolve("work")).toFile())
            .redirectErrorStream(true)
            .redirectInput(new java.io.File("/dev/null"))
            .redirectOutput(out.toFile());
    Path input = scratch.resolve("Input");
    if (Files.exists(input)) {
      Files.copy(
          input, scratch.resolve("work/Input"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
      throw new AssertionError("still running: " + text);
    }
    return Files.readString(out, StandardCharsets.ISO_8859_1) + "status " + process.exitValue();
  }
}

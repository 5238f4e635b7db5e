package io.splitkernel.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

@Timeout(120)
final class CommandLinesTest {
  private static String[] words(String line) {
    return line.split(" ");
  }

  private record Ending(int status, String errors) {}

  private static Ending execute(String... arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      return new Ending(CommandLines.execute(arguments), errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(before);
    }
  }

  static Stream<Arguments> wrongUsage() {
    return Stream.of(
        Arguments.of("nonesuch", "'nonesuch'"),
        Arguments.of("run", "PROGRAM"),
        Arguments.of("run --cash 1m -- true", "'--cash'"),
        Arguments.of("run --cache 0 -- true", "cache=0"),
        Arguments.of("run --cache -5 -- true", "cache=-5"),
        Arguments.of("run --cache 4k -- true", "at least 256k"),
        Arguments.of("run --cache 99999999999g -- true", "8 EiB"),
        Arguments.of("run --cache 7000000g -- true", "this machine's RAM"),
        Arguments.of("run --memory 120t -- true", "this machine's RAM"),
        Arguments.of("run --memory 0 -- true", "memory=0"),
        Arguments.of("run --monitor nowhere -- true", "HOST:PORT"),
        Arguments.of("run --monitor host:99999 -- true", "99999"),
        Arguments.of("run --fabric carrier-pigeon -- true", "auto, verbs or shm"),
        Arguments.of("run --json /no/such/place.json -- true", "/no/such/place.json"),
        Arguments.of("pcomponent -- true", "--monitor"),
        Arguments.of("up -m 0", "-m 0"),
        Arguments.of("up -m many", "many"),
        Arguments.of("up --memory 4k", "mcomponent-memory=4k"),
        Arguments.of("mcomponent --memory 1g", "--monitor"),
        Arguments.of("scomponent --monitor a:1 --clients-max 0", "from 1 to 480"),
        Arguments.of("scomponent --monitor a:1 --clients-max 481", "from 1 to 480"),
        Arguments.of("mcomponent --monitor a:1 --clients-max many", "clients-max=many"),
        Arguments.of("bench", "read-lat"),
        Arguments.of("bench write-latency", "'write-latency'"),
        Arguments.of("bench read-lat --size 0", "--size 0"),
        Arguments.of("bench atomic-lat --size 16", "8 for atomics"),
        Arguments.of("bench read-bw --tx-depth 999", "--tx-depth 999"),
        Arguments.of("bench read-bw --iterations 0", "--iterations 0"),
        Arguments.of("bench read-bw --listen a:1 --connect b:2", "exclude"),
        Arguments.of("bench read-bw --connect nowhere", "HOST:PORT"),
        Arguments.of("bench read-lat -s 4x", "'4x'"),
        Arguments.of("bench read-lat -s 8,2g", "--size 2g"),
        Arguments.of("bench read-lat -s 8,,64", "''"),
        Arguments.of("bench read-lat -n 0", "--iterations 0"),
        Arguments.of("bench read-lat -n many", "many"),
        Arguments.of("bench 10.0.0.1", "'10.0.0.1'"),
        Arguments.of("bench 10.0.0.1 --serve", "'10.0.0.1'"),
        Arguments.of("bench read-lat host --serve", "--serve and HOST exclude"),
        Arguments.of("bench --serve --connect a:1", "--serve and --connect exclude"),
        Arguments.of("bench read-lat host --connect a:1", "HOST and --connect exclude"),
        Arguments.of("bench read-lat host:many", "'host:many'"),
        Arguments.of("bench read-lat host:99999", "99999"),
        Arguments.of("bench read-lat host another", "'another'"),
        Arguments.of("bench --serve --listen nowhere", "HOST:PORT"),
        Arguments.of("bench read-lat --json /no/such/place.json", "/no/such/place.json"),
        Arguments.of("bench read-lat --hgrm /no/such/place", "/no/such/place"),
        Arguments.of("bench read-bw --fabric shm --gid-index x", "gid-index"),
        Arguments.of("run --store d -- true", "--root-volume"),
        Arguments.of("run --monitor a:1 --store d --root-volume v -- true", "without a monitor"),
        Arguments.of("kill -s NOPE 1.2", "'NOPE'"),
        Arguments.of("kill 12", "NODE.PID"),
        Arguments.of("kill 0.12", "NODE.PID"));
  }

  @ParameterizedTest
  @MethodSource("wrongUsage")
  void shouldSayWhatIsWrongInOneLineWithStatusTwo(String line, String named) {
    Ending ending = execute(words(line));
    assertEquals(2, ending.status(), ending.errors());
    assertEquals(1, ending.errors().lines().count(), ending.errors());
    assertTrue(ending.errors().startsWith("lego"), ending.errors());
    assertTrue(ending.errors().contains(named), ending.errors());
  }

  @Test
  void shouldLeaveTheArgumentsOfTheProgramAlone() {
    String[] program = {"prog", "-r", "--cache", "7", "@file", "--", "--help", "", "a b"};
    for (String separator : new String[] {"--", ""}) {
      List<String> line = new ArrayList<>(List.of("run", "--cache", "1m"));
      if (!separator.isEmpty()) {
        line.add(separator);
      }
      line.addAll(List.of(program));
      ParseResult run = CommandLines.create().parseArgs(line.toArray(String[]::new)).subcommand();
      assertEquals("1m", run.matchedOptionValue("--cache", ""));
      assertEquals(List.of(program), run.matchedPositionalValue(0, List.of()));
    }
  }

  @Test
  void shouldExplainEveryCommandWithAnExampleWhenAskedForHelp() {
    CommandLine root = CommandLines.create();
    for (CommandLine command : root.getSubcommands().values()) {
      if (command.getCommandSpec().usageMessage().hidden()) {
        continue;
      }
      String help = command.getUsageMessage();
      assertFalse(command.getCommandSpec().usageMessage().description().length == 0, help);
      assertTrue(help.contains("--help"), help);
    }
    for (String name :
        new String[] {
          "run", "up", "mcomponent", "monitor", "ps", "nodes", "kill", "bench", "devices"
        }) {
      String help = root.getSubcommands().get(name).getUsageMessage();
      assertTrue(help.contains("Example"), help);
    }
  }

  @Test
  void shouldHaveTheCommandsThatScriptsRelyOn() {
    assertTrue(
        CommandLines.create()
            .getSubcommands()
            .keySet()
            .containsAll(
                List.of(
                    "run",
                    "up",
                    "down",
                    "monitor",
                    "mcomponent",
                    "pcomponent",
                    "ps",
                    "stat",
                    "nodes",
                    "kill",
                    "devices",
                    "bench",
                    "doctor",
                    "config",
                    "completion")));
  }

  @Test
  void shouldSayWhatCuresItWhenNoBenchmarkServes() {
    Ending ending = execute(words("bench read-lat --fabric shm 127.0.0.1:1"));
    assertEquals(1, ending.status(), ending.errors());
    assertEquals(1, ending.errors().lines().count(), ending.errors());
    assertEquals(
        "lego bench: connect(127.0.0.1:1): nothing listens there; 'lego bench --serve' must run"
            + " there",
        ending.errors().strip());
  }

  @Test
  void shouldAnswerAsAShellDoesWhenTheProgramIsMissing() {
    assertEquals(127, execute("run", "--", "/no/such/program").status());
    assertEquals(126, execute("run", "--", "/etc/passwd").status());
  }
}

package io.splitkernel.launcher.command;

import java.util.List;
import picocli.CommandLine;

/**
 * The commands by name. picocli learns each by reflection, which takes longer than most commands
 * themselves: so a command line that begins with the name of one gets that one alone.
 */
final class CommandTree {
  /** In the order of the help text. */
  private static final List<String> COMMANDS =
      List.of(
          "run",
          "up",
          "down",
          "monitor",
          "mcomponent",
          "scomponent",
          "pcomponent",
          "ps",
          "stat",
          "nodes",
          "kill",
          "fs",
          "devices",
          "bench",
          "doctor",
          "grant",
          "config",
          "completion",
          "train");

  private static final List<String> FS_COMMANDS =
      List.of("mkvol", "ls", "cat", "cp", "mkdir", "rm", "mount", "umount");

  private CommandTree() {}

  /** All commands, or the one that the words begin with when they do; completion wants all. */
  static CommandLine of(String... words) {
    CommandLine root = new CommandLine(new RootCommand());
    String first = words.length > 0 && !words[0].equals("completion") ? words[0] : "";
    for (String name : COMMANDS.contains(first) ? List.of(first) : COMMANDS) {
      root.addSubcommand(name.equals("fs") ? fs(words) : new CommandLine(command(name)));
    }
    return root;
  }

  private static CommandLine fs(String... words) {
    CommandLine fs = new CommandLine(new FsCommand());
    String second = words.length > 1 && words[0].equals("fs") ? words[1] : "";
    for (String name : FS_COMMANDS.contains(second) ? List.of(second) : FS_COMMANDS) {
      fs.addSubcommand(fsCommand(name));
    }
    return fs;
  }

  private static Object command(String name) {
    return switch (name) {
      case "run" -> new RunCommand();
      case "up" -> new UpCommand();
      case "down" -> new DownCommand();
      case "monitor" -> new MonitorCommand();
      case "mcomponent" -> new McomponentCommand();
      case "scomponent" -> new ScomponentCommand();
      case "pcomponent" -> new PcomponentCommand();
      case "ps" -> new PsCommand();
      case "stat" -> new StatCommand();
      case "nodes" -> new NodesCommand();
      case "kill" -> new KillCommand();
      case "devices" -> new DevicesCommand();
      case "bench" -> new BenchCommand();
      case "doctor" -> new DoctorCommand();
      case "grant" -> new GrantCommand();
      case "config" -> new ConfigCommand();
      case "completion" -> new CompletionCommand();
      case "train" -> new TrainCommand();
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static Object fsCommand(String name) {
    return switch (name) {
      case "mkvol" -> new FsMkvolCommand();
      case "ls" -> new FsLsCommand();
      case "cat" -> new FsCatCommand();
      case "cp" -> new FsCpCommand();
      case "mkdir" -> new FsMkdirCommand();
      case "rm" -> new FsRmCommand();
      case "mount" -> new FsMountCommand();
      case "umount" -> new FsUmountCommand();
      default -> throw new IllegalArgumentException(name);
    };
  }
}

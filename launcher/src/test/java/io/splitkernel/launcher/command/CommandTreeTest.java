package io.splitkernel.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CommandTreeTest {
  @Test
  void shouldHaveEachCommandUnderTheNameThatItSays() {
    CommandLine all = CommandTree.of();
    assertEquals(19, all.getSubcommands().size());
    all.getSubcommands().forEach((name, line) -> assertEquals(name, line.getCommandName()));
    CommandLine fs = all.getSubcommands().get("fs");
    assertEquals(8, fs.getSubcommands().size());
    fs.getSubcommands().forEach((name, line) -> assertEquals(name, line.getCommandName()));
  }

  @Test
  void shouldKnowOnlyTheCommandThatIsNamed() {
    for (String name : CommandTree.of().getSubcommands().keySet()) {
      if (!name.equals("completion")) {
        assertEquals(Set.of(name), CommandTree.of(name, "--help").getSubcommands().keySet());
      }
    }
    CommandLine copy = CommandTree.of("fs", "cp", "a", "b:/").getSubcommands().get("fs");
    assertEquals(Set.of("cp"), copy.getSubcommands().keySet());
    assertEquals("lego fs cp", copy.getSubcommands().get("cp").getCommandSpec().qualifiedName());
  }

  @Test
  void shouldKnowAllWhenNoneIsNamed() {
    for (String first : List.of("--help", "", "completion", "frun")) {
      assertTrue(CommandTree.of(first).getSubcommands().size() > 1, first);
    }
    CommandLine fs = CommandTree.of("fs", "--help").getSubcommands().get("fs");
    assertTrue(fs.getSubcommands().size() > 1);
    assertFalse(CommandTree.of("run", "cp").getSubcommands().containsKey("fs"));
  }
}

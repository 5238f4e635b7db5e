package io.splitkernel.ci.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ci/skips}, shown to bite. */
@Timeout(120)
final class SkippedTestsTest {
  private static final String LISTED =
      "<testcase name=\"c\" classname=\"io.splitkernel.fabric.sim.SimFabricContractTest\">\n"
          + "<skipped type=\"x.Aborted\"><![CDATA[x.Aborted: Assumption failed: "
          + "the provider has no event descriptor\n\tat d]]></skipped></testcase>\n";
  private static final String UNLISTED =
      "<testcase name=\"e\" classname=\"a.BTest\"><skipped message=\"no time\"/></testcase>\n";
  private static final String PASSED = "<testcase name=\"f\" classname=\"a.BTest\"/>\n";

  @TempDir private Path scratch;
  private String output;

  private int skips(int tests, String cases) throws Exception {
    Path report = scratch.resolve("TEST-a.xml");
    String suite = "<testsuite name=\"a.BTest\" tests=\"" + tests + "\">\n";
    Files.writeString(report, suite + cases + "</testsuite>\n");
    Process process =
        new ProcessBuilder("bash", script().toString(), report.toString())
            .redirectErrorStream(true)
            .start();
    output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor();
  }

  private static Path script() {
    Path here = Path.of("skips");
    return Files.exists(here) ? here : Path.of("ci", "skips");
  }

  @Test
  void shouldAcceptWhatIsOnTheList() throws Exception {
    assertEquals(0, skips(2, LISTED + PASSED), () -> output);
    String verbs = "that no skipped test matches: verbs ";
    assertTrue(output.contains(verbs), () -> "entries that were of no use are told: " + output);
  }

  @Test
  void shouldRefuseWhatIsNot() throws Exception {
    assertEquals(1, skips(3, LISTED + UNLISTED + PASSED));
    assertTrue(output.contains("list of ci/skips.txt: tests a.BTest#e: no time\n"), () -> output);
    assertEquals(-1, output.indexOf("descriptor\n"), () -> output);
  }

  @Test
  void shouldRefuseAClassOfWhichNothingRan() throws Exception {
    assertEquals(1, skips(0, ""));
    assertTrue(output.contains("tests a.BTest#: none of its tests was run"), () -> output);
  }
}

package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pages that the kernel swaps out while the evictor moves them: a move of such a page can be
 * answered with EEXIST although it was carried out, and nothing of it may be lost.
 */
@Timeout(300)
class SwapTest {
  private static final long CACHE_BYTES = 4L << 20;
  private static final long SWAP_MIB = 512;

  @TempDir Path scratch;
  private Path swap;

  @BeforeEach
  void addSwap() throws Exception {
    Workspace.lego();
    Workspace.installed("mkswap");
    Path file = Files.createTempFile(Path.of("/var/tmp"), "lego-swap-test", "");
    swap = file;
    assumeTrue(
        run("dd", "if=/dev/zero", "of=" + file, "bs=1M", "count=" + SWAP_MIB, "status=none") == 0
            && run("chmod", "600", file.toString()) == 0
            && run("mkswap", file.toString()) == 0
            && run("swapon", file.toString()) == 0,
        "a swap file cannot be added on this machine");
  }

  @AfterEach
  void removeSwap() throws Exception {
    if (swap != null) {
      run("swapoff", swap.toString());
      Files.delete(swap);
    }
  }

  @Test
  void shouldLoseNoPageThatTheKernelSwapsOutMeanwhile() throws Exception {
    ProgramRun run =
        new SideBySide(scratch, Workspace.compiled("swapped", "-pthread"), "16", "12")
            .secondsMax(200)
            .runUnderLego(CACHE_BYTES);
    assertEquals("wrong pages: 0\n", run.stdoutText(), run::stderrText);
    assertEquals(0, run.exitStatus());
  }

  private static int run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return -1;
    }
    return process.exitValue();
  }
}

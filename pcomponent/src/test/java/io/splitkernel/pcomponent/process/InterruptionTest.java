package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ProcessBuilder.Redirect;
import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs that are stopped over and over, wherever they are, and do not notice. */
@Timeout(120)
final class InterruptionTest {
  /** Writes more than the pipe takes, to itself, and computes between. */
  private static final String WRITER =
      """
      pipe(R, W);
      my $bytes = join("", map { chr(65 + $_ % 26) } 1 .. 200000);
      if (my $reader = fork()) {
        close R;
        for (1 .. 150) {
          my $n = syswrite(W, $bytes);
          if (!defined $n || $n != 200000) { kill "KILL", $reader; exit 5; }
          $n = $n * 7 % 1001 for 1 .. 20000;
        }
        close W;
        waitpid($reader, 0);
        exit($? >> 8);
      }
      close W;
      my ($all, $part) = (0, "");
      while (my $n = sysread(R, $part, 50000)) {
        exit 6 if $part ne substr($bytes . $bytes, $all % 200000, $n);
        $all += $n;
        select(undef, undef, undef, 0.0005);
      }
      exit($all == 150 * 200000 ? 0 : 7);
      """;

  /** Computes and waits for times that are too short to be looked at. */
  private static final String WAITER =
      """
      use Time::HiRes qw(time sleep);
      for my $round (1 .. 300) {
        my $until = time + 0.004;
        if ($round % 2) { select(undef, undef, undef, 0.004); } else { sleep(0.004); }
        exit 5 if time < $until - 0.001;
        my $n = 3;
        $n = $n * 7 % 1001 for 1 .. 20000;
      }
      """;

  private static int exitStatus(String program, boolean all) throws Exception {
    // not a child of this process, which would be told of its stops
    String[] shell = {"sh", "-c", "perl -e \"$1\" & echo $!; wait $!", "sh", program};
    Process process = new ProcessBuilder(shell).redirectError(Redirect.INHERIT).start();
    int pid = Integer.parseInt(process.inputReader().readLine());
    int stops = 0;
    Set<Integer> traced = new HashSet<>();
    try (Arena arena = Arena.ofConfined();
        Interruption interruption = new Interruption(arena, traced)) {
      while (process.isAlive()) {
        interruption.letGoLate();
        if (!traced.contains(pid)
            && (all || InterruptibleCalls.mayStop(pid))
            && interruption.stop(pid, () -> false)) {
          stops++;
          interruption.over(pid);
        }
        process.waitFor(1, TimeUnit.MILLISECONDS);
      }
    } finally {
      process.destroyForcibly();
    }
    assertTrue(stops > 20, "stops: " + stops);
    return process.exitValue();
  }

  @Test
  void shouldLetAWriteEndWhole() throws Exception {
    assertEquals(0, exitStatus(WRITER, true));
  }

  @Test
  void shouldLetWaitsEndInTime() throws Exception {
    assertEquals(0, exitStatus(WAITER, false));
  }

  @Test
  void shouldKeepAwayFromCallsThatWouldShowIt() {
    int tid = (int) ProcessHandle.current().pid();
    String end = " 0x7ffd1f678520 0x1 0x0 0x0 0x0 0x7ffd1f6784e8 0x7fd03469a2ad";
    assertTrue(InterruptibleCalls.mayStop(tid, "running"));
    assertTrue(InterruptibleCalls.mayStop(tid, "-1 0x7ffd1f6784f0 0x5628584e47e2"));
    assertTrue(InterruptibleCalls.mayStop(tid, "230 0x1" + end));
    assertEquals(false, InterruptibleCalls.mayStop(tid, "1 0x5" + end)); // write
    assertEquals(false, InterruptibleCalls.mayStop(tid, "58 0x5" + end)); // vfork
    String epoll = "232 0x5 0x7ffd1f678520 0x1 %s 0x0 0x0 0x7ffd1f6784e8 0x7fd03469a2ad";
    assertTrue(InterruptibleCalls.mayStop(tid, epoll.formatted("0xffffffff")));
    assertEquals(false, InterruptibleCalls.mayStop(tid, epoll.formatted("0x64")));
  }
}

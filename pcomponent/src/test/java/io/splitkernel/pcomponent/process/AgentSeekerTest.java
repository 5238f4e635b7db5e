package io.splitkernel.pcomponent.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.pcomponent.fault.ProcessorCounter;
import io.splitkernel.pcomponent.fault.ProcessorCounters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pages leave children that make no memory call. */
@Timeout(120)
final class AgentSeekerTest {
  private static final long CACHE_BYTES = 4L << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * A child that waits has its own copy of 8 MB. It ends when there is a file "go"; what it exits
   * with tells whether its memory is whole.
   */
  private static final String PROGRAM =
      """
      use POSIX ();
      my ($directory, $wait) = @ARGV;
      my $kept = "k" x 8000000;
      pipe(R, W);
      my $child = syscall(56, 17, 0, 0, 0, 0); # clone(2): fork() would make a reported call
      if ($child == 0) {
        substr($kept, 4096 * $_, 1) = "c" for 0 .. 1900;
        my $byte = "";
        my $read = 0;
        if ($wait eq "read") {
          $read = sysread(R, $byte, 1);
        } else {
          my $more = 1;
          until (-e "$directory/go") {
            next unless $more && -e "$directory/more";
            $more = ($kept =~ tr/z//); # touches all of it
          }
          $read = 1;
        }
        my $whole = ($kept =~ tr/c//) == 1901 && ($kept =~ tr/k//) == 8000000 - 1901;
        POSIX::_exit($whole && $read == 1 ? 3 : 4);
      }
      open(my $pid, ">", "$directory/new"); print $pid $child; close $pid;
      rename "$directory/new", "$directory/child";
      select(undef, undef, undef, 0.01) until -e "$directory/go";
      syswrite(W, "x");
      waitpid($child, 0);
      exit($? >> 8);
      """;

  private final ProcessorCounters counters = new ProcessorCounters();

  @TempDir Path directory;

  private CompletableFuture<ProgramEnd> start(ExecutorService executor, String wait) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return SupervisedProgram.run(
                CACHE_BYTES, counters, "perl", "-e", PROGRAM, directory.toString(), wait);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        executor);
  }

  private int child() throws Exception {
    Path file = directory.resolve("child");
    await().atMost(PATIENCE).until(() -> Files.exists(file));
    return Integer.parseInt(Files.readString(file));
  }

  private void assertLeaves(int child) {
    await("parent and child have an agent").atMost(PATIENCE).until(() -> agents(child).size() == 2);
    await("memory is within the cache")
        .atMost(PATIENCE)
        .until(() -> counters.get(ProcessorCounter.RESIDENT_BYTES) <= CACHE_BYTES);
  }

  /** The agents of a child's family, which are the keeper's children. */
  private static List<Integer> agents(int child) throws Exception {
    String keeper = field(Integer.parseInt(field(child, "PPid")), "PPid");
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      return all.map(path -> path.getFileName().toString())
          .filter(name -> name.matches("\\d+"))
          .map(Integer::valueOf)
          .filter(pid -> "lego-agent".equals(field(pid, "Name")))
          .filter(pid -> keeper.equals(field(pid, "PPid")))
          .toList();
    }
  }

  private static String field(int pid, String name) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      String line = lines.filter(text -> text.startsWith(name + ":")).findFirst().orElse(":");
      return line.substring(line.indexOf(':') + 1).trim();
    } catch (IOException | UncheckedIOException e) {
      return ""; // it has ended
    }
  }

  private void assertPagesLeave(String wait) throws Exception {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      CompletableFuture<ProgramEnd> end = start(executor, wait);
      try {
        assertLeaves(child());
      } finally {
        Files.createFile(directory.resolve("go"));
      }
      assertEquals(3, end.get().exitStatus(), () -> end.join().reason());
    }
  }

  @Test
  void shouldEvictPagesOfAChildThatWaits() throws Exception {
    assertPagesLeave("read");
  }

  @Test
  void shouldEvictPagesOfAChildThatIsBusy() throws Exception {
    assertPagesLeave("spin");
  }

  @Test
  void shouldReplaceAKilledAgentWithoutAMemoryCall() throws Exception {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      CompletableFuture<ProgramEnd> end = start(executor, "spin");
      try {
        int child = child();
        assertLeaves(child);
        // an agent that is killed in the middle of an eviction would end its program
        long[] evictions = {0};
        await("no eviction is under way")
            .pollInterval(Duration.ofMillis(200))
            .until(() -> evictions[0] == (evictions[0] = counters.get(ProcessorCounter.EVICTIONS)));
        List<Integer> killed = agents(child);
        killed.forEach(ProcessKiller::kill);
        Files.createFile(directory.resolve("more"));
        await("there is another one")
            .atMost(PATIENCE)
            .until(() -> agents(child).stream().anyMatch(agent -> !killed.contains(agent)));
      } finally {
        Files.createFile(directory.resolve("go"));
      }
      assertEquals(3, end.get().exitStatus(), () -> end.join().reason());
    }
  }
}

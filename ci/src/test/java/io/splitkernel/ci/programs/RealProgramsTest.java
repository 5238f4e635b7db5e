package io.splitkernel.ci.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs as distributions ship them, with a cache of a quarter of what they use natively. */
@Timeout(300)
class RealProgramsTest {
  @TempDir Path scratch;

  @Test
  void shouldSortLargeFileAsNatively() throws Exception {
    Path file = randomLines(scratch.resolve("lines"), 100L << 20, 1000);
    ProgramRun run =
        new SideBySide(
                scratch,
                Workspace.installed("sort"),
                "--parallel=2",
                "-o",
                "sorted",
                file.toString())
            .compare();
    assertTrue(run.counter("remote_reads") > 10_000, run.summary());
  }

  @Test
  void shouldWalkObjectsOfPythonAsNatively() throws Exception {
    String script =
        """
        import hashlib
        class Node:
            __slots__ = ('key', 'next', 'text')
            def __init__(self, key, next):
                self.key = key
                self.next = next
                self.text = ('value %d ' % (key * 7919)) * 60
        head = None
        for key in range(200000):
            head = Node(key, head)
        table = {}
        node = head
        while node is not None:
            table[node.text] = node.key
            node = node.next
        digest = hashlib.sha256()
        for text in table:
            digest.update(text.encode())
        total = 0
        node = head
        while node is not None:
            total += table[node.text] * 3
            node = node.next
        print(digest.hexdigest(), total, len(table))
        """;
    ProgramRun run =
        new SideBySide(scratch, Workspace.installed("python3"), "-c", script).compare();
    assertTrue(run.counter("remote_reads") > 10_000, run.summary());
  }

  @Test
  void shouldLoadIndexAndQuerySqliteAsNatively() throws Exception {
    Path script = scratch.resolve("script.sql");
    Files.writeString(
        script,
        """
        PRAGMA cache_size = -200000;
        PRAGMA temp_store = MEMORY;
        PRAGMA journal_mode = OFF;
        CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, weight INTEGER);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80000)
          INSERT INTO item SELECT i, 'item ' || (i * 7919 % 400009), i * 31 % 1009 FROM n;
        CREATE INDEX by_name ON item (name);
        CREATE INDEX by_weight ON item (weight, name);
        SELECT count(*), sum(weight), min(name), max(name) FROM item;
        SELECT weight, count(*), min(name) FROM item GROUP BY weight ORDER BY weight LIMIT 50;
        SELECT a.name, b.name FROM item a JOIN item b ON b.name = 'item ' || (a.id * 13)
          WHERE a.weight = 77 ORDER BY a.name LIMIT 50;
        PRAGMA integrity_check;
        """);
    ProgramRun run =
        new SideBySide(scratch, Workspace.installed("sqlite3"), "test.db").input(script).compare();
    assertTrue(run.counter("remote_reads") > 1_000, run.summary());
  }

  @Test
  void shouldRunShellPipelineAsNatively() throws Exception {
    Path file = randomLines(scratch.resolve("lines"), 8L << 20, 48);
    String pipeline =
        "tr a-f A-F < "
            + file
            + " | sort -S 200m --parallel=1 | uniq -c | sort -rn -S 200m --parallel=1"
            + " | awk '{ n[$2 % 1000] += $1; c++ } END { print c; for (i = 0; i < 1000; i++)"
            + " print i, n[i] }' | tee copy | md5sum; for i in 1 2 3 4 5; do"
            + " (echo sub $i; exit $i) || echo $?; done; wait; echo done > result";
    ProgramRun run = new SideBySide(scratch, Workspace.installed("sh"), "-c", pipeline).compare();
    assertTrue(run.counter("remote_reads") > 1_000, run.summary());
  }

  @Test
  void shouldCompileLargeFileWithGccAsNatively() throws Exception {
    Path source = scratch.resolve("generated.c");
    generateC(source, 1_200);
    ProgramRun run =
        new SideBySide(
                scratch, Workspace.installed("gcc"), "-O1", "-c", "-o", "out.o", source.toString())
            .compare();
    assertTrue(run.counter("remote_reads") > 1_000, run.summary());
  }

  @Test
  void shouldRunPerlAsNatively() throws Exception {
    String script =
        """
        use strict; my %seen; my @all;
        for my $i (0 .. 100000) { my $k = ($i * 7919) % 1000003; $seen{"key $k"} = $i; push @all, $k; }
        my $sum = 0;
        for my $k (@all) { $sum += $seen{"key $k"} % 97; }
        my @sorted = sort { $a <=> $b } @all;
        print "$sum $sorted[0] $sorted[-1] ", scalar(keys %seen), "\\n";
        """;
    ProgramRun run =
        new SideBySide(scratch, Workspace.installed("perl"), "-e", script)
            .environment("PERL_HASH_SEED", "0")
            .compare();
    assertTrue(run.counter("remote_reads") > 1_000, run.summary());
  }

  @Test
  void shouldRunStaticBusyboxAsNatively() throws Exception {
    String busybox = Workspace.installed("busybox");
    Path file = randomLines(scratch.resolve("lines"), 6L << 20, 48);
    String line =
        busybox
            + " sort "
            + file
            + " | "
            + busybox
            + " md5sum; "
            + busybox
            + " gzip -c "
            + file
            + " | "
            + busybox
            + " gunzip | "
            + busybox
            + " sha1sum";
    ProgramRun run = new SideBySide(scratch, busybox, "sh", "-c", line).compare();
    assertTrue(run.counter("remote_reads") > 1_000, run.summary());
  }

  @Test
  void shouldRunThreadedProgramAsNatively() throws Exception {
    ProgramRun run = new SideBySide(scratch, Workspace.compiled("parallel"), "64").compare();
    assertEquals(0, run.exitStatus());
    assertTrue(run.counter("remote_reads") > 10_000, run.summary());
  }

  @Test
  void shouldRunSmallJavaProgramAsNatively() throws Exception {
    String java = Workspace.installed("java");
    Path source = scratch.resolve("Count.java");
    Files.writeString(
        source,
        """
        import java.util.*;
        public class Count {
          public static void main(String[] args) throws Exception {
            Map<String, Integer> seen = new TreeMap<>();
            for (int i = 0; i < 200000; i++) seen.merge("k" + (i * 7919 % 100003), i, Integer::sum);
            long sum = 0;
            for (var e : seen.entrySet()) sum = sum * 31 + e.getKey().hashCode() + e.getValue();
            Thread[] threads = new Thread[4];
            long[] parts = new long[4];
            for (int t = 0; t < 4; t++) {
              int me = t;
              threads[t] = new Thread(() -> {
                for (int i = 0; i < 500000; i++) parts[me] += Integer.toString(i * me).hashCode();
              });
              threads[t].start();
            }
            for (Thread t : threads) t.join();
            System.out.println(sum + " " + Arrays.toString(parts) + " " + seen.size());
          }
        }
        """);
    Path javac = Path.of(java).toRealPath().resolveSibling("javac");
    assumeTrue(Files.isExecutable(javac), "javac is not installed beside " + java);
    Process compiler =
        new ProcessBuilder(javac.toString(), "-d", scratch.toString(), source.toString())
            .inheritIO()
            .start();
    assertEquals(0, compiler.waitFor());
    ProgramRun run =
        new SideBySide(
                scratch, java, "-Xmx128m", "-Xshare:auto", "-cp", scratch.toString(), "Count")
            .memoryBytes(4L << 30)
            .compare();
    assertTrue(run.counter("remote_reads") > 200, run.summary());
    assertTrue(run.counter("remote_writes") > 2_000, run.summary());
  }

  /** Lines of 16 to {@code longest} - 1 hexadecimal digits, the same for the same arguments. */
  static Path randomLines(Path file, long bytes, int longest) throws IOException {
    SplittableRandom random = new SplittableRandom(42);
    long written = 0;
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      while (written < bytes) {
        int length = 16 + random.nextInt(longest - 16);
        StringBuilder line = new StringBuilder(longest + 16);
        while (line.length() < length) {
          line.append(Long.toHexString(random.nextLong()));
        }
        line.setLength(length);
        out.write(line.append('\n').toString());
        written += length + 1;
      }
    }
    return file;
  }

  private static void generateC(Path file, int functions) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write("#include <stdio.h>\n#include <string.h>\nstruct s { int a, b; char t[64]; };\n");
      for (int f = 0; f < functions; f++) {
        out.write(
            """
            int f%1$d(struct s *s, int n) {
              int sum = %1$d;
              for (int i = 0; i < n; i++) {
                switch ((s->a + i) %% 7) {
                  case 0: sum += s->b * %1$d; break;
                  case 1: sum ^= i << (%1$d %% 13); break;
                  case 2: s->a += snprintf(s->t, sizeof s->t, "%1$d %%d", sum); break;
                  case 3: if (strlen(s->t) > %1$d %% 60) sum++; break;
                  default: s->b = sum - s->a;
                }
              }
              return sum;
            }
            """
                .formatted(f));
      }
    }
  }
}

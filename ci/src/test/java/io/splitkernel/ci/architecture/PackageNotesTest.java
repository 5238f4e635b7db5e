package io.splitkernel.ci.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every package explains itself. */
@Timeout(120)
final class PackageNotesTest {
  @Test
  void shouldHaveNotesWhenAPackageHasClasses() throws IOException {
    Path root = Path.of("").toAbsolutePath().getParent();
    assertTrue(Files.exists(root.resolve("lego")), root + " is not the project's root");
    try (Stream<Path> modules = Files.list(root)) {
      List<Path> sources =
          modules.map(m -> m.resolve("src/main/java")).filter(Files::isDirectory).toList();
      assertTrue(sources.size() >= 9, "only " + sources + " found");
      for (Path source : sources) {
        assertEquals(List.of(), withoutNotes(source));
      }
    }
  }

  @Test
  void shouldBeNamedWhenAPackageHasNoNotes(@TempDir Path planted) throws IOException {
    Path silent = Files.createDirectories(planted.resolve("io/silent"));
    Path talking = Files.createDirectories(planted.resolve("io/talking"));
    Files.writeString(silent.resolve("A.java"), "class A {}");
    Files.writeString(talking.resolve("B.java"), "class B {}");
    Files.writeString(talking.resolve("package-info.java"), "/** Talks. */ package io.talking;");
    assertEquals(List.of(silent), withoutNotes(planted));
  }

  private static List<Path> withoutNotes(Path source) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      return files
          .filter(f -> f.toString().endsWith(".java"))
          .map(Path::getParent)
          .distinct()
          .filter(p -> !Files.exists(p.resolve("package-info.java")))
          .toList();
    }
  }
}

package io.splitkernel.launcher.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RenewedJarTest {
  @TempDir Path directory;

  private Path picocli() throws Exception {
    URL from = CommandLine.class.getProtectionDomain().getCodeSource().getLocation();
    return Files.copy(Path.of(from.toURI()), directory.resolve("picocli.jar"));
  }

  /** The loader of a test verifies: a method without the right stack maps does not pass. */
  @Test
  void shouldMakeClassesThatTheVerifierTakes() throws Exception {
    Path jar = picocli();
    assertTrue(RenewedJar.renew(jar) > 100);
    List<String> names = classes(jar);
    URL[] path = {jar.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
      for (String name : names) {
        Class.forName(name, true, loader);
      }
    }
  }

  private static List<String> classes(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      assertNotNull(file.getManifest().getMainAttributes().getValue(RenewedJar.NOTE));
      for (JarEntry entry : file.stream().filter(RenewedJarTest::isClass).toList()) {
        try (InputStream in = file.getInputStream(entry)) {
          int version = ClassFile.of().parse(in.readAllBytes()).majorVersion();
          assertTrue(version >= ClassFile.JAVA_8_VERSION, entry.getName());
        }
      }
      return file.stream()
          .filter(RenewedJarTest::isClass)
          .map(entry -> entry.getName().replace('/', '.').replaceAll("\\.class$", ""))
          .filter(name -> name.startsWith("picocli.") && !name.contains("groovy"))
          .toList();
    }
  }

  private static boolean isClass(JarEntry entry) {
    return entry.getName().endsWith(".class");
  }

  @Test
  void shouldLeaveAJarAloneThatIsNotOld() throws Exception {
    Path jar = picocli();
    RenewedJar.renew(jar);
    byte[] renewed = Files.readAllBytes(jar);
    assertEquals(0, RenewedJar.renew(jar));
    assertEquals(-1, java.util.Arrays.mismatch(renewed, Files.readAllBytes(jar)));
  }
}

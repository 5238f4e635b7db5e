package io.splitkernel.launcher.dist;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/**
 * A jar whose classes are in a format from before Java 6, brought to that of Java 8: the JVM's
 * ahead-of-time cache takes no older ones, since they have no stack maps, and loading and verifying
 * picocli anew at every start took longer than everything else. What the methods do stays as it is.
 * The manifest says that it was done.
 */
public final class RenewedJar {
  /** In the manifest of a renewed jar. */
  static final String NOTE = "Lego-Renewed";

  private static final int OLDEST_WITH_STACK_MAPS = ClassFile.JAVA_6_VERSION;

  private RenewedJar() {}

  /**
   * Renews jars in place.
   *
   * @param jars their paths; those without old classes stay as they are.
   * @throws IOException when one cannot be read or replaced.
   */
  public static void main(String[] jars) throws IOException {
    for (String jar : jars) {
      renew(Path.of(jar));
    }
  }

  /**
   * Renews one jar in place.
   *
   * @param jar to renew.
   * @return number of classes that were old.
   * @throws IOException when it cannot be read or replaced.
   */
  static int renew(Path jar) throws IOException {
    Map<JarEntry, byte[]> entries = new LinkedHashMap<>();
    Manifest manifest;
    try (JarFile file = new JarFile(jar.toFile())) {
      manifest = file.getManifest();
      for (JarEntry entry : file.stream().toList()) {
        entries.put(entry, file.getInputStream(entry).readAllBytes());
      }
    }
    List<byte[]> old = entries.values().stream().filter(RenewedJar::isOld).toList();
    if (old.isEmpty()) {
      return 0;
    }
    manifest.getMainAttributes().put(new Attributes.Name(NOTE), "class files have stack maps");
    Path renewed = jar.resolveSibling(jar.getFileName() + ".new");
    try (OutputStream out = Files.newOutputStream(renewed)) {
      write(entries, manifest, context(entries), out);
    }
    Files.move(renewed, jar, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    return old.size();
  }

  private static boolean isOld(byte[] bytes) {
    boolean isClass =
        bytes.length > 8
            && (bytes[0] & 0xff) == 0xca
            && (bytes[1] & 0xff) == 0xfe
            && (bytes[2] & 0xff) == 0xba
            && (bytes[3] & 0xff) == 0xbe;
    return isClass && 256 * (bytes[6] & 0xff) + (bytes[7] & 0xff) < OLDEST_WITH_STACK_MAPS;
  }

  private static void write(
      Map<JarEntry, byte[]> entries, Manifest manifest, ClassFile context, OutputStream out)
      throws IOException {
    try (JarOutputStream jar = new JarOutputStream(out)) {
      for (Map.Entry<JarEntry, byte[]> each : entries.entrySet()) {
        JarEntry entry = new JarEntry(each.getKey().getName());
        entry.setTimeLocal(each.getKey().getTimeLocal());
        jar.putNextEntry(entry);
        if (entry.getName().equals(JarFile.MANIFEST_NAME)) {
          manifest.write(jar);
        } else {
          byte[] bytes = each.getValue();
          jar.write(isOld(bytes) ? withStackMaps(context, bytes) : bytes);
        }
        jar.closeEntry();
      }
    }
  }

  /**
   * What computes stack maps must know which types of the jar are interfaces and what extends what.
   */
  private static ClassFile context(Map<JarEntry, byte[]> entries) {
    Map<ClassDesc, byte[]> classes =
        entries.values().stream()
            .filter(RenewedJar::isOld)
            .collect(
                Collectors.toMap(
                    bytes -> ClassFile.of().parse(bytes).thisClass().asSymbol(), b -> b));
    ClassHierarchyResolver jar =
        name -> {
          byte[] bytes = classes.get(name);
          return bytes == null ? null : infoOf(bytes);
        };
    return ClassFile.of(
        ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
        ClassFile.ClassHierarchyResolverOption.of(
            jar.orElse(ClassHierarchyResolver.defaultResolver())));
  }

  private static ClassHierarchyResolver.ClassHierarchyInfo infoOf(byte[] bytes) {
    var model = ClassFile.of().parse(bytes);
    return model.flags().has(AccessFlag.INTERFACE)
        ? ClassHierarchyResolver.ClassHierarchyInfo.ofInterface()
        : ClassHierarchyResolver.ClassHierarchyInfo.ofClass(
            model.superclass().orElseThrow().asSymbol());
  }

  private static byte[] withStackMaps(ClassFile context, byte[] bytes) {
    ClassTransform version =
        (builder, element) -> {
          if (element instanceof ClassFileVersion) {
            builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
          } else {
            builder.with(element);
          }
        };
    ClassTransform code =
        ClassTransform.transformingMethodBodies((builder, element) -> builder.with(element));
    return context.transformClass(context.parse(bytes), version.andThen(code));
  }
}

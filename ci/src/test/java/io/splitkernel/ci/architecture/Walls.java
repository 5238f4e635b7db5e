package io.splitkernel.ci.architecture;

import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.conditions.ArchConditions.beFinal;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** The walls between the rooms, as rules over class files. */
final class Walls {
  private static final String ROOT = "io.splitkernel.";
  private static final String[] BOTTOM = {ROOT + "shims.."};
  private static final String[] FABRIC = {ROOT + "fabric..", ROOT + "ffi.."};
  private static final String[] PROTOCOL = {ROOT + "protocol.."};
  private static final List<String> COMPONENTS =
      List.of("pcomponent", "mcomponent", "scomponent", "monitor");
  private static final String[] TOP = {ROOT + "launcher..", ROOT + "jmh..", ROOT + "ci.."};
  private static final String[] DATA_PATH = {
    ROOT + "pcomponent.fault..",
    ROOT + "pcomponent.excache..",
    ROOT + "pcomponent.region..",
    ROOT + "fabric.."
  };
  private static final Set<Class<?>> LINKER_TYPES =
      Set.of(Linker.class, SymbolLookup.class, FunctionDescriptor.class);
  private static final Set<Class<?>> HOLDERS =
      Set.of(
          AtomicBoolean.class,
          AtomicInteger.class,
          AtomicLong.class,
          AtomicReference.class,
          StringBuilder.class,
          ThreadLocal.class);

  private Walls() {}

  /** Arrows between modules only go down, and components never see each other. */
  static ArchRule arrowsGoDown() {
    CompositeArchRule rule =
        CompositeArchRule.of(
            never(BOTTOM, FABRIC, PROTOCOL, allComponents(), TOP)
                .because("native-shims knows nothing above it"));
    rule =
        rule.and(
            never(FABRIC, PROTOCOL, allComponents(), TOP).because("the fabric only carries bytes"));
    rule =
        rule.and(
            never(PROTOCOL, allComponents(), TOP).because("the protocol serves every component"));
    for (String component : COMPONENTS) {
      String[] others =
          COMPONENTS.stream()
              .filter(other -> !other.equals(component))
              .map(Walls::packagesOf)
              .toArray(String[]::new);
      rule =
          rule.and(
              never(new String[] {packagesOf(component)}, others, TOP)
                  .because("components only exchange messages and one-sided operations"));
    }
    return rule;
  }

  /** Calls into native code are written in one room. */
  static ArchRule onlyFfiLinks() {
    return noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "ffi..")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "make native calls",
                (JavaClass c) -> LINKER_TYPES.stream().anyMatch(c::isEquivalentTo)))
        .because("native signatures are checked in one room, io.splitkernel.ffi");
  }

  /** The data path loads nothing that logs, parses or prints. */
  static ArchRule dataPathIsBare() {
    return noClasses()
        .that()
        .resideInAnyPackage(DATA_PATH)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.slf4j..",
            "ch.qos.logback..",
            "picocli..",
            "com.fasterxml..",
            "java.util.logging..")
        .because("a page fault must not meet a logger or a parser");
  }

  /** Several nodes live in one JVM, so nothing that changes is static. */
  static ArchRule noStaticMutableState() {
    return CompositeArchRule.of(
            fields()
                .that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat()
                .resideOutsideOfPackage(ROOT + "protocol.sbe..")
                .should(beFinal().as("be final")))
        .and(
            noFields()
                .that()
                .areStatic()
                .should()
                .haveRawType(DescribedPredicate.describe("that can change", Walls::isHolder)))
        .because("several nodes live in one JVM");
  }

  /** Names say what a class is. */
  static ArchRule namesAreNouns() {
    return classes()
        .should()
        .haveNameNotMatching(".*(Impl|Utils?|Helper|Manager|Misc|Common)")
        .because("such a name says nothing");
  }

  /**
   * Public fields are constants or parts of records; but for generated messages and the structures
   * of file operations, which are filled in place by whoever answers.
   */
  static ArchRule noPublicVariables() {
    return noFields()
        .that()
        .areDeclaredInClassesThat()
        .resideOutsideOfPackages(
            ROOT + "protocol.sbe..", ROOT + "protocol.files", ROOT + "protocol.files.wire")
        .should(
            be(
                DescribedPredicate.<JavaField>describe(
                    "public and not final",
                    f ->
                        f.getModifiers().contains(JavaModifier.PUBLIC)
                            && !f.getModifiers().contains(JavaModifier.FINAL))))
        .because("state has one owner");
  }

  private static boolean isHolder(JavaClass type) {
    if (HOLDERS.stream().anyMatch(type::isEquivalentTo)) {
      return true;
    }
    boolean container = type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class);
    return container && !type.isInterface();
  }

  private static String packagesOf(String module) {
    return ROOT + module + "..";
  }

  private static String[] allComponents() {
    return COMPONENTS.stream().map(Walls::packagesOf).toArray(String[]::new);
  }

  private static ArchRule never(String[] from, String[]... to) {
    return noClasses()
        .that()
        .resideInAnyPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(Arrays.stream(to).flatMap(Arrays::stream).toArray(String[]::new))
        .allowEmptyShould(true);
  }
}

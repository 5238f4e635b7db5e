package io.splitkernel.ci.architecture;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.splitkernel.ci.architecture.planted.LinkerOutsideItsRoom;
import io.splitkernel.ci.architecture.planted.NamelessManager;
import io.splitkernel.ci.architecture.planted.SharedCounter;
import io.splitkernel.ci.architecture.planted.SharedTable;
import io.splitkernel.ci.architecture.planted.Variable;
import io.splitkernel.mcomponent.planted.ReachesForAnotherComponent;
import io.splitkernel.monitor.planted.MonitorOffender;
import io.splitkernel.pcomponent.fault.planted.LogsOnTheFaultPath;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The walls stand, and each is shown to bite on a planted offender. */
@Timeout(120)
final class WallsTest {
  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.splitkernel");

  @Test
  void shouldSeeTheWholeHouseWhenRulesAreChecked() {
    for (String room : new String[] {"shims", "ffi", "fabric", "protocol", "launcher"}) {
      assertTrue(
          HOUSE.stream().anyMatch(c -> c.getPackageName().startsWith("io.splitkernel." + room)),
          "no class of " + room + " was imported: the rules would pass for nothing");
    }
  }

  @Test
  void shouldOnlyPointDownWhenModulesDependOnEachOther() {
    Walls.arrowsGoDown().check(HOUSE);
  }

  @Test
  void shouldKeepTheLinkerInOneRoomWhenNativeCodeIsCalled() {
    Walls.onlyFfiLinks().check(HOUSE);
  }

  @Test
  void shouldLoadNoLoggerOrParserWhenOnTheDataPath() {
    Walls.dataPathIsBare().check(HOUSE);
  }

  @Test
  void shouldHaveNoStaticMutableStateWhenSeveralNodesShareOneJvm() {
    Walls.noStaticMutableState().check(HOUSE);
  }

  @Test
  void shouldHaveTellingNamesWhenClassesAreNamed() {
    Walls.namesAreNouns().check(HOUSE);
  }

  @Test
  void shouldHaveNoPublicVariablesWhenStateHasOneOwner() {
    Walls.noPublicVariables().check(HOUSE);
  }

  static Stream<Arguments> offenders() {
    return Stream.of(
        Arguments.of(Walls.arrowsGoDown(), ReachesForAnotherComponent.class),
        Arguments.of(Walls.onlyFfiLinks(), LinkerOutsideItsRoom.class),
        Arguments.of(Walls.dataPathIsBare(), LogsOnTheFaultPath.class),
        Arguments.of(Walls.noStaticMutableState(), SharedCounter.class),
        Arguments.of(Walls.noStaticMutableState(), SharedTable.class),
        Arguments.of(Walls.namesAreNouns(), NamelessManager.class),
        Arguments.of(Walls.noPublicVariables(), Variable.class));
  }

  @ParameterizedTest
  @MethodSource("offenders")
  void shouldFailWhenAnOffenderIsPlanted(ArchRule rule, Class<?> offender) {
    JavaClasses planted = new ClassFileImporter().importClasses(offender, MonitorOffender.class);
    AssertionError bite = assertThrows(AssertionError.class, () -> rule.check(planted));
    assertTrue(bite.getMessage().contains(offender.getSimpleName()), bite.getMessage());
  }
}

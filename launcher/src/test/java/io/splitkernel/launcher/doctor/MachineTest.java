package io.splitkernel.launcher.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.splitkernel.pcomponent.access.UserfaultfdAccess;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
final class MachineTest {
  @ParameterizedTest
  @CsvSource({
    "6.8.0-41-generic,YES",
    "6.18.44,YES",
    "7.0.1,YES",
    "6.1.0-37-amd64,LIMITED",
    "5.19.0,LIMITED",
    "5.10.0-30-amd64,NO",
    "unknown,LIMITED"
  })
  void shouldKnowWhatAKernelCanDo(String version, Finding.Verdict verdict) {
    assertEquals(verdict, Machine.kernel(version).verdict());
  }

  @Test
  void shouldGiveACureForEveryNo() {
    List<Finding> findings = Machine.examine(UserfaultfdAccess.HELPER_DEFAULT);
    for (Finding finding : findings) {
      assertEquals(
          finding.verdict() == Finding.Verdict.YES, finding.cure().isEmpty(), finding::subject);
      assertFalse(finding.detail().isEmpty());
    }
  }

  @Test
  void shouldSayThatRunCannotWorkWhenOnePartIsMissing() {
    Finding yes = Finding.yes("a", "there");
    assertEquals(true, Machine.canRun(List.of(yes, Finding.limited("b", "slow", "buy"))));
    assertEquals(false, Machine.canRun(List.of(yes, Finding.no("c", "absent", "get it"))));
  }
}

package io.splitkernel.scomponent.volume;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.protocol.files.FileAttributes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When pages are kept. */
final class KernelPagesTest {
  private static final long LATER_NS = KernelPages.SETTLED_NS;

  private final KernelPages pages = new KernelPages();
  private final FileAttributes file = new FileAttributes();

  @BeforeEach
  void openTwice() {
    file.id = 7;
    file.sizeBytes = 100;
    file.modifiedNs = 1_000;
    file.changedNs = 1_000;
    assertFalse(opened(5, 0));
    assertFalse(opened(5, LATER_NS));
  }

  private boolean opened(long node, long ns) {
    return pages.opened(node, file, ns, ns);
  }

  @Test
  void theSameStateIsKept() {
    assertTrue(opened(5, LATER_NS));
    assertTrue(opened(5, 9 * LATER_NS));
  }

  @Test
  void aChangeOfAnythingIsNoticedAndHasToSettle() {
    Runnable[] changes = {
      () -> file.sizeBytes++, () -> file.modifiedNs++, () -> file.changedNs++, () -> file.id++
    };
    for (Runnable change : changes) {
      assertTrue(opened(5, 0));
      change.run();
      assertFalse(opened(5, 0));
      assertFalse(opened(5, LATER_NS - 1));
      assertFalse(opened(5, LATER_NS));
    }
  }

  @Test
  void timeThatAnAnswerTookDoesNotSettle() {
    file.modifiedNs++;
    assertFalse(pages.opened(5, file, 0, LATER_NS));
    assertFalse(pages.opened(5, file, LATER_NS, 3 * LATER_NS)); // just changed, perhaps
    assertFalse(pages.opened(5, file, 2 * LATER_NS, 3 * LATER_NS));
    assertTrue(pages.opened(5, file, 3 * LATER_NS, 3 * LATER_NS));
  }

  @Test
  void anotherNameOfTheFileHasPagesOfItsOwn() {
    assertFalse(opened(6, LATER_NS));
    assertTrue(opened(5, LATER_NS));
    assertFalse(opened(5 + KernelPages.FILES_MAX, LATER_NS)); // takes its place
    assertFalse(opened(5, LATER_NS));
  }
}

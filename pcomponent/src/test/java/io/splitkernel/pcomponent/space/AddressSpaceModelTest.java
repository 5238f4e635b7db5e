package io.splitkernel.pcomponent.space;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class AddressSpaceModelTest {
  private static final int RW = 3;
  private static final long PAGE = 4096;
  private final AddressSpaceModel model = new AddressSpaceModel();

  private static Mapping plain(long firstPage, long endPage) {
    return Mapping.plain(firstPage * PAGE, endPage * PAGE, RW, MappingKind.ANONYMOUS);
  }

  private static String text(AddressSpaceModel of) {
    List<Mapping> all = new ArrayList<>();
    of.forEach(all::add);
    return all.stream()
        .map(m -> m.start() / PAGE + "-" + m.end() / PAGE + ":" + m.protection() + "/" + m.flags())
        .collect(Collectors.joining(" "));
  }

  @Test
  void shouldMergeNeighboursThatAreAlikeOnly() {
    model.put(plain(2, 4));
    model.put(plain(6, 8));
    model.put(plain(4, 6));
    assertEquals("2-8:3/0", text(model));
    model.protect(4 * PAGE, 6 * PAGE, 1);
    assertEquals("2-4:3/0 4-6:1/0 6-8:3/0", text(model));
    model.protect(0, 8 * PAGE, 1);
    assertEquals("2-8:1/0", text(model));
  }

  @Test
  void shouldKeepTheOffsetOfAFileWhenItIsSplit() {
    FileMapping file = new FileMapping("/f", 0, false);
    model.put(new Mapping(0, 8 * PAGE, 1, MappingKind.FILE, Mapping.LOCAL, file));
    model.remove(2 * PAGE, 4 * PAGE);
    assertEquals(4 * PAGE, model.at(5 * PAGE).file().offset());
    assertFalse(model.isSupervised(0, 8 * PAGE));
    assertTrue(model.intersects(0, 8 * PAGE));
    model.put(
        new Mapping(
            2 * PAGE,
            4 * PAGE,
            1,
            MappingKind.FILE,
            Mapping.LOCAL,
            new FileMapping("/f", 2 * PAGE, false)));
    assertEquals(1, model.size());
  }

  @Test
  void shouldLeaveAChildWhatForkLeavesIt() {
    model.put(plain(0, 10));
    model.heap(PAGE, 5 * PAGE);
    model.flags(PAGE, 2 * PAGE, Mapping.DONT_FORK, 0);
    model.flags(3 * PAGE, 4 * PAGE, Mapping.WIPE_ON_FORK, 0);
    model.flags(5 * PAGE, 6 * PAGE, Mapping.LOCKED | Mapping.LOCAL, 0);
    model.futureLocked(true);
    AddressSpaceModel child = model.copy();
    assertEquals("0-1:3/0 2-3:3/0 3-4:3/4 4-5:3/0 5-6:3/1 6-10:3/0", text(child));
    assertEquals(0, child.heapEnd(), "the parent may be about to change its own");
    assertFalse(child.isFutureLocked());
    assertEquals(0, child.lockedBytes());
    assertEquals(PAGE, model.lockedBytes());
    List<Long> not = new ArrayList<>();
    model.forEachNotInherited(m -> not.add(m.start() / PAGE));
    assertEquals(List.of(1L, 3L), not);
    child.remove(0, 10 * PAGE);
    assertEquals(7, model.size());
  }

  @Test
  void shouldFollowMovesWithWhatTheRangesAre() {
    model.put(plain(0, 4));
    model.flags(2 * PAGE, 4 * PAGE, Mapping.DONT_DUMP, 0);
    model.put(plain(11, 30));
    model.move(0, 4 * PAGE, 10 * PAGE, 6 * PAGE, false);
    assertEquals("10-12:3/0 12-16:3/16 16-30:3/0", text(model));
    model.move(12 * PAGE, 4 * PAGE, 40 * PAGE, 4 * PAGE, true);
    assertEquals("10-12:3/0 12-16:3/16 16-30:3/0 40-44:3/16", text(model));
  }

  @Test
  void shouldCountLockedBytesOnce() {
    model.put(plain(0, 10));
    model.flags(0, 4 * PAGE, Mapping.LOCKED | Mapping.LOCAL, 0);
    model.flags(2 * PAGE, 6 * PAGE, Mapping.LOCKED | Mapping.LOCAL, 0);
    assertEquals(6 * PAGE, model.lockedBytes());
    model.remove(PAGE, 2 * PAGE);
    model.put(plain(2, 3));
    assertEquals(4 * PAGE, model.lockedBytes());
    model.flags(0, 10 * PAGE, 0, Mapping.LOCKED | Mapping.LOCAL);
    assertEquals(0, model.lockedBytes());
  }

  @Test
  void shouldTellWhatAStackMayHaveGrownInto() {
    long top = 0x7ffd_0000_0000L;
    model.put(Mapping.plain(top, top + 33 * PAGE, RW, MappingKind.STACK));
    assertEquals(1, model.mayHaveGrownInto(top - 5 * PAGE, top - 4 * PAGE).size());
    assertEquals(1, model.mayHaveGrownInto(top - 5 * PAGE, top + PAGE).size());
    assertEquals(List.of(), model.mayHaveGrownInto(top, top + PAGE));
    assertEquals(List.of(), model.mayHaveGrownInto(top - (2L << 30), top - (2L << 30) + PAGE));
    model.put(plain(top / PAGE - 3, top / PAGE - 2));
    assertEquals(
        List.of(),
        model.mayHaveGrownInto(top - 5 * PAGE, top - 4 * PAGE),
        "there is a wall between");
    assertEquals(1, model.mayHaveGrownInto(top - 2 * PAGE, top - PAGE).size());
    model.grown(top - 2 * PAGE, top);
    assertTrue(model.isSupervised(top - PAGE, top));
  }

  @Test
  void shouldTellOfEveryStackThatMayHaveGrownIntoARange() {
    Mapping within = Mapping.plain(12 * PAGE, 13 * PAGE, RW, MappingKind.GROWS_DOWN);
    Mapping above = Mapping.plain(19 * PAGE, 20 * PAGE, RW, MappingKind.GROWS_DOWN);
    model.put(within);
    model.put(above);
    assertEquals(List.of(within, above), model.mayHaveGrownInto(10 * PAGE, 14 * PAGE));
  }

  @Test
  void shouldKnowWhatIsSupervisedWithoutAGap() {
    model.put(plain(1, 3));
    model.put(Mapping.plain(3 * PAGE, 4 * PAGE, 1, MappingKind.ANONYMOUS));
    assertTrue(model.isAllSupervised(PAGE, 4 * PAGE, 0));
    assertFalse(model.isAllSupervised(PAGE, 5 * PAGE, 0));
    assertFalse(model.isAllSupervised(0, 4 * PAGE, 0));
    model.flags(2 * PAGE, 3 * PAGE, Mapping.SEALED, 0);
    assertFalse(model.isAllSupervised(PAGE, 4 * PAGE, Mapping.SEALED));
    assertTrue(model.isAllSupervised(PAGE, 4 * PAGE, Mapping.GUARDED));
  }

  @Test
  void shouldHoldHundredsOfThousandsOfRanges() {
    for (long i = 300_000; i > 0; i--) {
      model.put(plain(2 * i, 2 * i + 1));
    }
    AddressSpaceModel child = model.copy();
    for (long i = 1; i <= 300_000; i++) {
      model.put(plain(2 * i + 1, 2 * i + 2));
    }
    assertEquals(1, model.size());
    assertEquals(300_000, child.size());
  }
}

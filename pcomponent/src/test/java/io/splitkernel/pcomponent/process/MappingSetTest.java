package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The set of supervised ranges against a bitmap. */
final class MappingSetTest {
  private static final int PAGES = 64;

  record Change(boolean add, int from, int to) {}

  @Provide
  Arbitrary<List<Change>> changes() {
    Arbitrary<Integer> page = Arbitraries.integers().between(0, PAGES);
    return Combinators.combine(Arbitraries.of(true, false), page, page)
        .as((add, a, b) -> new Change(add, Math.min(a, b), Math.max(a, b)))
        .filter(c -> c.from() < c.to())
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 500)
  void shouldAgreeWithABitmap(@ForAll("changes") List<Change> changes) {
    MappingSet set = new MappingSet();
    BitSet model = new BitSet(PAGES);
    for (Change change : changes) {
      if (change.add()) {
        set.add(change.from() * 4096L, change.to() * 4096L);
        model.set(change.from(), change.to());
      } else {
        set.remove(change.from() * 4096L, change.to() * 4096L);
        model.clear(change.from(), change.to());
      }
    }
    MappingSet copy = set.copy();
    set.remove(0, PAGES * 4096L);
    for (int page = 0; page < PAGES; page++) {
      assertEquals(model.get(page), copy.contains(page * 4096L), "page " + page);
    }
    assertEquals(model.cardinality() * 4096L, copy.bytes());
    assertEquals(0, set.bytes());
  }
}

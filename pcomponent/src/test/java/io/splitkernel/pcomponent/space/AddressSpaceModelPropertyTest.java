package io.splitkernel.pcomponent.space;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The model against one word per page. */
final class AddressSpaceModelPropertyTest {
  private static final int PAGES = 48;
  private static final long PAGE = 4096;
  private static final int NOTHING = -1;
  private static final int FLAGS = Mapping.LOCKED | Mapping.DONT_FORK | Mapping.LOCAL;

  /** What is done to the pages from one to another. */
  record Change(int what, int from, int to, int bits) {}

  @Provide
  Arbitrary<List<Change>> changes() {
    Arbitrary<Integer> page = Arbitraries.integers().between(0, PAGES);
    Arbitrary<Integer> what = Arbitraries.integers().between(0, 5);
    Arbitrary<Integer> bits = Arbitraries.integers().between(0, 15);
    return Combinators.combine(what, page, page, bits)
        .as((w, a, b, c) -> new Change(w, Math.min(a, b), Math.max(a, b), c))
        .filter(c -> c.from() < c.to())
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 1000)
  void shouldAgreeWithAWordForEachPage(@ForAll("changes") List<Change> changes) {
    AddressSpaceModel model = new AddressSpaceModel();
    int[] words = new int[PAGES];
    Arrays.fill(words, NOTHING);
    for (Change change : changes) {
      apply(change, model, words);
      compare(model, words);
    }
    AddressSpaceModel child = model.copy();
    compare(model, words);
    for (int i = 0; i < PAGES; i++) {
      if (words[i] != NOTHING) {
        words[i] = (words[i] & Mapping.DONT_FORK) != 0 ? NOTHING : words[i] & ~Mapping.LOCKED;
      }
    }
    compare(child, words);
  }

  private static void apply(Change change, AddressSpaceModel model, int[] words) {
    long start = change.from() * PAGE;
    long end = change.to() * PAGE;
    int flags =
        ((change.bits() & 1) != 0 ? Mapping.LOCKED : 0)
            | ((change.bits() & 2) != 0 ? Mapping.DONT_FORK : 0)
            | ((change.bits() & 4) != 0 ? Mapping.LOCAL : 0);
    int protection = change.bits() >> 3;
    switch (change.what()) {
      case 0 -> {
        model.put(new Mapping(start, end, protection, MappingKind.ANONYMOUS, flags, null));
        Arrays.fill(words, change.from(), change.to(), word(protection, flags));
      }
      case 1 -> {
        model.remove(start, end);
        Arrays.fill(words, change.from(), change.to(), NOTHING);
      }
      case 2 -> {
        model.flags(start, end, flags, FLAGS & ~flags);
        for (int i = change.from(); i < change.to(); i++) {
          words[i] = words[i] == NOTHING ? NOTHING : word(words[i] >> 16, flags);
        }
      }
      case 3 -> {
        model.protect(start, end, protection);
        for (int i = change.from(); i < change.to(); i++) {
          words[i] = words[i] == NOTHING ? NOTHING : word(protection, words[i] & 0xffff);
        }
      }
      default -> move(change, model, words);
    }
  }

  /** Moves to the other end, where that does not overlap. */
  private static void move(Change change, AddressSpaceModel model, int[] words) {
    int pages = change.to() - change.from();
    int to = change.bits() * 3 % (PAGES - pages + 1);
    if (to < change.to() && change.from() < to + pages) {
      return;
    }
    boolean keep = change.what() == 4;
    model.move(change.from() * PAGE, pages * PAGE, to * PAGE, pages * PAGE, keep);
    System.arraycopy(words, change.from(), words, to, pages);
    if (!keep) {
      Arrays.fill(words, change.from(), change.to(), NOTHING);
    }
  }

  private static int word(int protection, int flags) {
    return (protection << 16) | flags;
  }

  private static void compare(AddressSpaceModel model, int[] words) {
    long locked = 0;
    for (int i = 0; i < PAGES; i++) {
      Mapping at = model.at(i * PAGE);
      assertEquals(words[i], at == null ? NOTHING : word(at.protection(), at.flags()), "page " + i);
      boolean supervised = words[i] != NOTHING && (words[i] & Mapping.LOCAL) == 0;
      assertEquals(supervised, model.isSupervised(i * PAGE, (i + 1) * PAGE), "page " + i);
      assertEquals(words[i] != NOTHING, model.intersects(i * PAGE, (i + 1) * PAGE), "page " + i);
      locked += words[i] != NOTHING && (words[i] & Mapping.LOCKED) != 0 ? PAGE : 0;
    }
    assertEquals(locked, model.lockedBytes());
    List<Mapping> all = new ArrayList<>();
    model.forEach(all::add);
    for (int i = 1; i < all.size(); i++) {
      assertTrue(all.get(i - 1).end() <= all.get(i).start(), () -> "order: " + all);
      assertTrue(!all.get(i - 1).continuesIn(all.get(i)), () -> "not merged: " + all);
    }
  }
}

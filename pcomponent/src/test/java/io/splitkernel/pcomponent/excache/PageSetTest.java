package io.splitkernel.pcomponent.excache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.pcomponent.Seeds;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

/** The set against one that is known to be right; the seed is in the message. */
@Timeout(60)
class PageSetTest {
  @RepeatedTest(5)
  void shouldHoldWhatAHashSetHolds() {
    long seed = Seeds.next();
    Random random = new Random(seed);
    PageSet pages = new PageSet();
    Set<Long> model = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      long page = random.nextInt(300);
      if (random.nextInt(3) > 0) {
        pages.add(page);
        model.add(page);
      } else {
        long end = page + random.nextInt(random.nextInt(50) == 0 ? 200 : 4);
        pages.removeRange(page, end);
        model.removeIf(p -> p >= page && p < end);
      }
      assertEquals(model.size(), pages.size(), "seed " + seed);
      long asked = random.nextInt(300);
      assertEquals(model.contains(asked), pages.contains(asked), "seed " + seed);
    }
    PageSet copy = new PageSet(pages);
    pages.removeRange(0, 300);
    for (long page = 0; page < 300; page++) {
      assertEquals(model.contains(page), copy.contains(page), "seed " + seed);
    }
  }
}

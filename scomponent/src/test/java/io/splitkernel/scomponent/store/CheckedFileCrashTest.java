package io.splitkernel.scomponent.store;

import static io.splitkernel.scomponent.store.CheckedLayout.BLOCK;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * The process is killed in the middle of random changes, at any change of the backing file, and
 * again while it recovers. Every block must be found as it was or as it was to be. jqwik tells the
 * seed of a run that fails; {@code -Dlego.seed=SEED} replays it.
 */
class CheckedFileCrashTest {
  private static final int STEPS = 40;
  private static final ThreadLocal<Scratch> SCRATCHES = ThreadLocal.withInitial(Scratch::new);

  private final MemoryBackingFile backing = new MemoryBackingFile();
  private byte[] model = new byte[0];

  @Property(tries = 400, seed = "20261126")
  void shouldFindEveryBlockOldOrNewWhenKilledAnywhere(@ForAll long seed) {
    Random random = new Random(Long.getLong("lego.seed", seed));
    int span = new int[] {3 * BLOCK, 12 * BLOCK, (5 << 20)}[random.nextInt(3)];
    CheckedFile file = open(backing);
    for (int i = 0; i < STEPS; i++) {
      byte[] before = model;
      boolean dies = random.nextInt(3) == 0;
      int part = random.nextInt(4);
      CheckedFile used = dies ? open(new DyingFile(backing, random.nextInt(5), part)) : file;
      try {
        step(used, random, span);
        file = dies ? used : file;
      } catch (DyingFile.Killed e) {
        file = open(backing);
        byte[] found = contentOf(file);
        assertOldOrNew(before, model, found);
        model = found;
      }
      if (dies) {
        file = open(backing);
      }
    }
    assertArrayEquals(model, contentOf(file));
    assertArrayEquals(model, contentOf(open(backing)));
  }

  @Example
  void shouldReadZerosWhereFirstWritesDiedTwiceBeforeTheirData() {
    for (int death = 1; death <= 2; death++) {
      CheckedFile dying = open(new DyingFile(backing, 1, 0));
      byte[] bytes = new byte[100];
      Arrays.fill(bytes, (byte) death);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
        assertThrows(DyingFile.Killed.class, () -> dying.write(0, from));
      }
    }
    CheckedFile file = open(backing);
    assertEquals(0, file.setSize(2 * BLOCK));
    assertArrayEquals(new byte[2 * BLOCK], contentOf(file));
  }

  private static CheckedFile open(BackingFile file) {
    return new CheckedFile(file, "test", SCRATCHES);
  }

  /** Changes the file, and the model first, so that it says what was wanted. */
  private void step(CheckedFile file, Random random, int span) {
    int offset = random.nextInt(span);
    int length = 1 + random.nextInt(random.nextInt(3) == 0 ? span : 2 * BLOCK);
    if (random.nextInt(3) == 0) {
      offset = offset / BLOCK * BLOCK;
      length = Math.max(1, length / BLOCK) * BLOCK;
    }
    if (random.nextInt(5) == 0) {
      offset = offset / (int) CheckedLayout.GROUP_CONTENT * (int) CheckedLayout.GROUP_CONTENT;
    }
    byte[] before = model;
    switch (random.nextInt(5)) {
      case 0 -> {
        model = Arrays.copyOf(before, offset);
        assertEquals(0, file.setSize(offset));
      }
      case 1 -> {
        int from = Math.min(offset, before.length);
        model = before.clone();
        Arrays.fill(model, from, Math.min(offset + length, before.length), (byte) 0);
        assertEquals(0, file.punch(offset, length));
      }
      case 2 -> {
        model = Arrays.copyOf(before, Math.max(before.length, offset + length));
        assertEquals(0, file.reserve(offset, length, false));
      }
      default -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        model = Arrays.copyOf(before, Math.max(before.length, offset + length));
        System.arraycopy(bytes, 0, model, offset, length);
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
          assertEquals(length, file.write(offset, from));
        }
      }
    }
  }

  private static byte[] contentOf(CheckedFile file) {
    int size = (int) file.size();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(Math.max(1, size)).asSlice(0, size);
      assertEquals(size, file.read(0, into), "every block is good");
      return into.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static void assertOldOrNew(byte[] old, byte[] wanted, byte[] found) {
    assertTrue(found.length >= Math.min(old.length, wanted.length), "not shorter than both");
    assertTrue(found.length <= Math.max(old.length, wanted.length), "not longer than both");
    for (int at = 0; at < found.length; at += BLOCK) {
      byte[] block = block(found, at);
      boolean known =
          Arrays.equals(block, block(old, at)) || Arrays.equals(block, block(wanted, at));
      assertTrue(known || isCutOf(block, found.length - at, old, at), "block at " + at);
    }
  }

  /** The length is between both, and the block is the old one up to there. */
  private static boolean isCutOf(byte[] block, int length, byte[] old, int at) {
    byte[] cut = block(old, at);
    Arrays.fill(cut, Math.min(length, BLOCK), BLOCK, (byte) 0);
    return Arrays.equals(block, cut);
  }

  private static byte[] block(byte[] bytes, int at) {
    byte[] block = new byte[BLOCK];
    if (at < bytes.length) {
      System.arraycopy(bytes, at, block, 0, Math.min(BLOCK, bytes.length - at));
    }
    return block;
  }
}

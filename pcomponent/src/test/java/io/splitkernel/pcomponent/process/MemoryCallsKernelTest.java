package io.splitkernel.pcomponent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.pcomponent.Seeds;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random calls on two ranges of addresses, by {@link MemoryCalls} in the one and by the kernel
 * alone in the other: the results, the mappings and the contents must be the same, and the pager's
 * words those that are in memory. Seeds are in the messages; {@code -Dlego.seeds=N} tries N in a
 * row.
 */
@Timeout(120)
final class MemoryCallsKernelTest {
  private static final long PAGE = 4096;
  private static final int PAGES = 24;
  private static final int SEEDS = Integer.getInteger("lego.seeds", 25);
  private static final long BASE = 0x2000_0000_0000L;
  private static final long NATIVE = 0x2100_0000_0000L;
  private static final long SYS_OPEN = 2;
  private static final long SYS_CLOSE = 3;
  private static final long[] TYPES = {0x22, 0x22, 0x22, 0x122, 0x21, 0x20, 0x28, 0x1, 0x2, 0x2022};
  private static final int[] ADVICES = {4, 4, 4, 8, 10, 11, 16, 17, 18, 19, 20, 24, 102, 103, 99};

  @TempDir Path directory;
  private final OwnSpace space = new OwnSpace();
  private final ProcFacts facts = new ProcFacts();
  private final ShadowPager pager = new ShadowPager(space::word);
  private final MemoryCalls calls =
      new MemoryCalls(
          pager.asAddressSpaces(), facts, 1L << 40, 1L << 40, space.model()::lockedBytes);
  private int file;
  private int writeOnly;
  private Random random = new Random(0);
  private String history = "";
  private boolean areasDiffer;

  @BeforeEach
  void open() throws IOException {
    Path path = directory.resolve("file");
    Files.write(path, new byte[(int) (PAGES * PAGE)]);
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(path.toString()).address();
      file = (int) Syscall.call(SYS_OPEN, name, 0, 0);
      writeOnly = (int) Syscall.call(SYS_OPEN, name, 1, 0);
    }
  }

  @AfterEach
  void close() {
    Syscall.call(SYS_CLOSE, file, 0, 0);
    Syscall.call(SYS_CLOSE, writeOnly, 0, 0);
    clear();
    space.close();
  }

  private void clear() {
    Syscall.call(MemoryCalls.SYS_MUNMAP, BASE, PAGES * PAGE, 0);
    Syscall.call(MemoryCalls.SYS_MUNMAP, NATIVE, PAGES * PAGE, 0);
    space.model().remove(0, Long.MAX_VALUE & -PAGE);
    pager.words.clear();
  }

  @Test
  void shouldDoWhatTheKernelDoes() throws IOException {
    long first = Seeds.next();
    for (long seed = first; seed < first + SEEDS; seed++) {
      clear();
      random = new Random(seed);
      areasDiffer = false;
      for (int i = 0; i < 120 && !areasDiffer; i++) {
        history = "seed " + seed + ", step " + i + ": ";
        step();
        if (!areasDiffer) {
          compare();
        }
      }
    }
  }

  private void step() {
    int from = random.nextInt(PAGES);
    int count = 1 + random.nextInt(PAGES - from);
    long start = from * PAGE;
    long bytes = count * PAGE - random.nextInt(3) / 2;
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> map(start, bytes);
      case 3 -> both(SeenCalls.MUNMAP, start, bytes, 0, 0, 0, 0);
      case 4 -> remap(start, count);
      case 5, 6 -> advise(start, bytes);
      case 7 -> both(SeenCalls.MPROTECT, start, bytes, random.nextInt(4), 0, 0, 0);
      case 8 ->
          both(
              random.nextBoolean() ? SeenCalls.MLOCK : SeenCalls.MUNLOCK, start, bytes, 0, 0, 0, 0);
      default -> {}
    }
    if (!areasDiffer) {
      write();
    }
  }

  private void map(long start, long bytes) {
    long type = TYPES[random.nextInt(TYPES.length)];
    long flags = type | (random.nextInt(4) == 0 ? 0x100000 : 0x10);
    int fd = random.nextInt(4) == 0 ? writeOnly : file;
    long offset = random.nextInt(8) == 0 ? 17 : 0;
    int protection = random.nextInt(4);
    both(SeenCalls.MMAP, start, bytes, protection, flags, (flags & 0x20) != 0 ? -1 : fd, offset);
  }

  private void remap(long start, int count) {
    long[] flags = {0, 3, 3, 3, 7, 2};
    long how = flags[random.nextInt(flags.length)];
    int to = random.nextInt(PAGES);
    int newCount = random.nextInt(3) == 0 ? 1 + random.nextInt(PAGES - to) : count;
    long target = how == 0 ? start / PAGE : to;
    if (target + newCount > PAGES) {
      return;
    }
    if (how == 7 && space.model().lockedBytes() > 0) {
      return; // the kernel unlocks all of the area then, not only what is moved
    }
    long old = random.nextInt(12) == 0 ? 0 : count * PAGE;
    both(SeenCalls.MREMAP, start, old, newCount * PAGE, how, to * PAGE, 0);
  }

  private void advise(long start, long bytes) {
    int advice = ADVICES[random.nextInt(ADVICES.length)];
    both(SeenCalls.MADVISE, start, bytes, advice, 0, 0, 0);
  }

  /** The same call in both ranges; arguments are addresses, lengths and the rest as they come. */
  private void both(SeenCalls call, long a, long b, long c, long d, long e, long f) {
    int number = call.number(SeenCalls.ARCH_X86_64);
    long[] ours = {BASE + a, b, c, d, e, f};
    long[] natives = {NATIVE + a, b, c, d, e, f};
    if (call == SeenCalls.MREMAP) {
      ours[4] += BASE;
      natives[4] += NATIVE;
    }
    history += call + Arrays.toString(new long[] {a / PAGE, b, c, d, e, f});
    long answer = MemoryCalls.PROCEED;
    if (call.isSeen(ours)) {
      answer = calls.carryOut(space, space.agentTid(), SeenCalls.ARCH_X86_64, number, ours);
    }
    if (answer == MemoryCalls.PROCEED) {
      answer = Syscall.call(number, ours[0], ours[1], ours[2], ours[3], ours[4], ours[5]);
    }
    long expected =
        Syscall.call(
            number, natives[0], natives[1], natives[2], natives[3], natives[4], natives[5]);
    if (call == SeenCalls.MADVISE && c == Advice.FREE) {
      freeAtOnce();
    }
    // Whether the kernel makes one area of two like ones depends on their past, and mremap on that.
    areasDiffer = call == SeenCalls.MREMAP && expected == -Errno.EFAULT && answer >= 0;
    if (areasDiffer) {
      return;
    }
    assertEquals(
        expected >= NATIVE ? expected - NATIVE : expected,
        answer >= BASE && answer < NATIVE ? answer - BASE : answer,
        history);
    assertEquals(0, pager.holds, history);
  }

  /**
   * A page that is freed one day may be zero or what it was: what is zero here is made so there.
   */
  private void freeAtOnce() {
    for (long at = 0; at < PAGES * PAGE; at += PAGE) {
      if (space.word(BASE + at) == 0 && space.word(NATIVE + at) > 0) {
        Syscall.call(MemoryCalls.SYS_MADVISE, NATIVE + at, PAGE, Advice.DONTNEED);
      }
    }
  }

  private void write() {
    for (int i = 0; i < PAGES; i++) {
      long at = BASE + i * PAGE;
      long value = 1L + random.nextInt(1 << 30);
      if (random.nextInt(3) == 0
          && space.model().isSupervised(at, at + PAGE)
          && space.word(at, value)) {
        space.word(NATIVE + i * PAGE, value);
        pager.words.put(at, value);
      }
    }
  }

  private void compare() throws IOException {
    assertEquals(layout(NATIVE), layout(BASE), history);
    for (int i = 0; i < PAGES; i++) {
      long at = BASE + i * PAGE;
      String page = history + ", page " + i;
      assertEquals(space.word(NATIVE + i * PAGE), space.word(at), page);
      if (space.model().isSupervised(at, at + PAGE)) {
        assertEquals(space.word(at), pager.words.getOrDefault(at, 0L), page);
      } else {
        assertTrue(!pager.words.containsKey(at), page + " is still known to the pager");
      }
    }
  }

  /** Protection and kind of every page. */
  private List<String> layout(long base) throws IOException {
    String[] pages = new String[PAGES];
    for (String line :
        Files.readAllLines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
      String[] fields = line.split("[ -]+", 6);
      long start = Long.parseUnsignedLong(fields[0], 16);
      long end = Long.parseUnsignedLong(fields[1], 16);
      for (long at = start; at >= base && at < base + PAGES * PAGE && at < end; at += PAGE) {
        pages[(int) ((at - base) / PAGE)] = fields[2] + " " + ("0".equals(fields[5]) ? 0 : 1);
      }
    }
    return Arrays.asList(pages);
  }
}

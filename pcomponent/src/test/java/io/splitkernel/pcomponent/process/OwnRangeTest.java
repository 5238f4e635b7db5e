package io.splitkernel.pcomponent.process;

import static io.splitkernel.pcomponent.process.FakeSpace.pages;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Layout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of a program that name what is Lego's own. */
@Timeout(10)
final class OwnRangeTest {
  private static final long PAGE = FakeSpace.PAGE;
  private static final long START = Layout.of("LEGO_OWN_ADDRESS");
  private static final long END = START + Layout.of("LEGO_OWN_BYTES");
  private static final long FROM = START - pages(2);
  private static final long LENGTH = END + pages(3) - FROM;

  private final FakeSpace space = new FakeSpace();

  private static String call(int number, long start, long pages, long more) {
    return "call " + number + " " + start / PAGE + " " + pages + " #" + more + " #0 #0";
  }

  @Test
  void shouldUnmapWhatLiesBeforeAndBehind() {
    assertEquals(0, space.carryOut(SeenCalls.MUNMAP, FROM, LENGTH));
    assertEquals(call(11, FROM, 2, 0) + "; " + call(11, END, 3, 0), space.events());
    space.events.clear();
    assertEquals(0, space.carryOut(SeenCalls.MUNMAP, START + PAGE, PAGE));
    assertEquals("", space.events());
  }

  @Test
  void shouldTellOfAHoleWhereNativelyOneIs() {
    assertEquals(-Errno.ENOMEM, space.carryOut(SeenCalls.MADVISE, FROM, LENGTH, 4));
    assertEquals(call(28, FROM, 2, 4) + "; " + call(28, END, 3, 4), space.events());
    space.events.clear();
    assertEquals(-Errno.ENOMEM, space.carryOut(SeenCalls.MPROTECT, FROM, LENGTH, 1));
    assertEquals(call(10, FROM, 2, 1), space.events());
    space.events.clear();
    assertEquals(-Errno.ENOMEM, space.carryOut(SeenCalls.MSEAL, FROM, LENGTH, 0));
    assertEquals(-Errno.EFAULT, space.carryOut(SeenCalls.MREMAP, START, PAGE, PAGE, 0));
    assertEquals("", space.events());
  }

  @Test
  void shouldRefuseToReplaceIt() {
    assertEquals(-Errno.ENOMEM, space.carryOut(SeenCalls.MMAP, START, PAGE, 3, 0x32, -1, 0));
    assertEquals("", space.events());
    space.supervise(10, 20);
    long tried = space.carryOut(SeenCalls.MREMAP, pages(12), PAGE, PAGE, 3, START);
    assertEquals(-Errno.ENOMEM, tried);
    assertEquals("", space.events());
  }
}

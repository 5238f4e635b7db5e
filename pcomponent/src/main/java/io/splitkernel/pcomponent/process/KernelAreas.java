package io.splitkernel.pcomponent.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The areas that the kernel has in a range of an address space. From Linux 6.11 it is asked for
 * these alone (PROCMAP_QUERY); before, all of proc_pid_maps(5) is read, which takes milliseconds
 * where there are thousands.
 */
final class KernelAreas {
  private static final long SYS_OPEN = 2;
  private static final long SYS_CLOSE = 3;
  private static final long SYS_IOCTL = 16;
  private static final long O_CLOEXEC = 0x80000;
  private static final long PROCMAP_QUERY = 0xc0686611L;
  private static final long COVERING_OR_NEXT_VMA = 0x10;

  /** {@code struct procmap_query}: its size, flags, the address; the answer's start and end. */
  private static final int QUERY_BYTES = 104;

  private static final int FLAGS = 8;
  private static final int ADDRESS = 16;
  private static final int START = 24;
  private static final int END = 32;

  private KernelAreas() {}

  /**
   * The areas that meet a range, whole, in order; none of a thread that has ended.
   *
   * @param tid a thread that lives there.
   */
  static List<ProcMaps.Range> of(int tid, long start, long end) {
    String path = "/proc/" + tid + "/maps";
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path, US_ASCII);
      long fd = Syscall.call(SYS_OPEN, name.address(), O_CLOEXEC, 0);
      if (fd < 0) {
        return List.of();
      }
      try {
        List<ProcMaps.Range> areas = new ArrayList<>();
        long result = query(fd, arena.allocate(QUERY_BYTES, 8), start, end, areas);
        return result == -Errno.ENOTTY ? read(path, start, end) : areas;
      } finally {
        Syscall.call(SYS_CLOSE, fd, 0, 0);
      }
    }
  }

  private static long query(
      long fd, MemorySegment query, long start, long end, List<ProcMaps.Range> areas) {
    query.set(ValueLayout.JAVA_LONG, 0, QUERY_BYTES);
    query.set(ValueLayout.JAVA_LONG, FLAGS, COVERING_OR_NEXT_VMA);
    long at = start;
    while (at < end) {
      query.set(ValueLayout.JAVA_LONG, ADDRESS, at);
      long result = Syscall.call(SYS_IOCTL, fd, PROCMAP_QUERY, query.address());
      if (result < 0) {
        return result; // ENOENT after the last one
      }
      long from = query.get(ValueLayout.JAVA_LONG, START);
      at = query.get(ValueLayout.JAVA_LONG, END);
      if (from < end) {
        areas.add(new ProcMaps.Range(from, at));
      }
    }
    return 0;
  }

  /** The same from the text. */
  static List<ProcMaps.Range> read(String path, long start, long end) {
    String text;
    try {
      text = new String(Files.readAllBytes(Path.of(path)), ISO_8859_1);
    } catch (IOException e) {
      return List.of();
    }
    List<ProcMaps.Range> areas = new ArrayList<>();
    text.lines()
        .forEach(line -> {
          int dash = line.indexOf('-');
          long from = Long.parseUnsignedLong(line.substring(0, dash), 16);
          long to = Long.parseUnsignedLong(line.substring(dash + 1, line.indexOf(' ')), 16);
          if (from >= 0 && from < end && to > start) {
            areas.add(new ProcMaps.Range(from, to));
          }
        });
    return areas;
  }
}

package io.splitkernel.pcomponent.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.splitkernel.ffi.Layout;
import io.splitkernel.pcomponent.space.MappingKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What {@code /proc} says of an address space: proc_pid_maps(5) and the auxiliary vector. */
final class ProcMaps {
  private static final long OWN_START = Layout.of("LEGO_OWN_ADDRESS");
  private static final long OWN_END = OWN_START + Layout.of("LEGO_OWN_BYTES");

  /** Field 48 of proc_pid_stat(5), counted from the third. */
  private static final int ARG_START = 45;

  private ProcMaps() {}

  /** A half-open range of addresses. */
  record Range(long start, long end) {}

  /** A private anonymous area. */
  record Area(long start, long end, MappingKind kind) {}

  /** The private anonymous areas: bss, heap, stacks; without the agent's own. */
  static List<Area> anonymousAreas(int pid) throws IOException {
    List<Area> areas = new ArrayList<>();
    byte[] text = Files.readAllBytes(Path.of("/proc/" + pid + "/maps"));
    List<String> lines = new String(text, ISO_8859_1).lines().toList();
    for (String line : lines) {
      Area area = anonymousArea(line);
      if (area != null && (area.start() < OWN_START || area.start() >= OWN_END)) {
        areas.add(area);
      }
    }
    return areas;
  }

  /** Where the strings of arguments and environment begin in a process's stack, or 0. */
  static long argumentsStart(int pid) throws IOException {
    String stat = new String(Files.readAllBytes(Path.of("/proc/" + pid + "/stat")), ISO_8859_1);
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return fields.length > ARG_START ? Long.parseUnsignedLong(fields[ARG_START]) : 0;
  }

  /** Parses one line of maps; null when it is not a private anonymous area. */
  static Area anonymousArea(String line) {
    String[] fields = line.trim().split("\\s+", 6);
    if (fields.length < 5 || !"0".equals(fields[4]) || fields[1].charAt(3) != 'p') {
      return null;
    }
    String name = fields.length == 6 ? fields[5] : "";
    if (!name.isEmpty() && !"[heap]".equals(name) && !"[stack]".equals(name)) {
      return null;
    }
    int dash = fields[0].indexOf('-');
    long start = Long.parseUnsignedLong(fields[0].substring(0, dash), 16);
    long end = Long.parseUnsignedLong(fields[0].substring(dash + 1), 16);
    return start < 0 ? null : new Area(start, end, kind(name));
  }

  private static MappingKind kind(String name) {
    return switch (name) {
      case "[heap]" -> MappingKind.HEAP;
      case "[stack]" -> MappingKind.STACK;
      default -> MappingKind.ANONYMOUS;
    };
  }
}

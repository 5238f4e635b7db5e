package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Layout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What {@code /proc} says of an address space: proc_pid_maps(5) and the auxiliary vector. */
final class ProcMaps {
  private static final long OWN_START = Layout.of("LEGO_OWN_ADDRESS");
  private static final long OWN_END = OWN_START + Layout.of("LEGO_OWN_BYTES");
  private static final long AT_SYSINFO_EHDR = 33;

  private ProcMaps() {}

  /** A half-open range of addresses. */
  record Range(long start, long end) {}

  /** The private anonymous areas: bss, heap, stacks; without the agent's own. */
  static List<Range> anonymousAreas(int pid) throws IOException {
    List<Range> areas = new ArrayList<>();
    byte[] text = Files.readAllBytes(Path.of("/proc/" + pid + "/maps"));
    List<String> lines = new String(text, StandardCharsets.ISO_8859_1).lines().toList();
    for (String line : lines) {
      Range area = anonymousArea(line);
      if (area != null && (area.start() < OWN_START || area.start() >= OWN_END)) {
        areas.add(area);
      }
    }
    return areas;
  }

  /** Parses one line of maps; null when it is not a private anonymous area. */
  static Range anonymousArea(String line) {
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
    return start < 0 ? null : new Range(start, end);
  }

  /** Start of the vdso, or 0 when the process has none. */
  static long vdso(String pid) throws IOException {
    ByteBuffer vector =
        ByteBuffer.wrap(Files.readAllBytes(Path.of("/proc/" + pid + "/auxv")))
            .order(ByteOrder.LITTLE_ENDIAN);
    while (vector.remaining() >= 16) {
      long type = vector.getLong();
      long value = vector.getLong();
      if (type == AT_SYSINFO_EHDR) {
        return value;
      }
    }
    return 0;
  }
}

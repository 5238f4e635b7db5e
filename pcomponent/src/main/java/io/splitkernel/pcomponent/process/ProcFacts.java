package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The facts as {@code /proc} and prlimit(2) tell them; of a thread that has ended there are none.
 */
final class ProcFacts implements ProgramFacts {
  private static final long SYS_MMAP = 9;
  private static final long SYS_MPROTECT = 10;
  private static final long SYS_MUNMAP = 11;
  private static final long SYS_MREMAP = 25;
  private static final long SYS_PRLIMIT64 = 302;
  private static final int RLIMIT_MEMLOCK = 8;
  private static final int[] LENT = {2, RLIMIT_MEMLOCK, 9}; // RLIMIT_DATA, .., RLIMIT_AS
  private static final long CAP_IPC_LOCK = 1L << 14;
  private static final int PIDFD_SELF_THREAD = -10_000;
  private static final int PIDFD_SELF_PROCESS = -10_001;

  private final boolean movesSeveralAreas = tryMovingTwoAreas();
  private final boolean mergesPages = Files.isDirectory(Path.of("/sys/kernel/mm/ksm"));

  private static List<String> lines(String path) {
    try {
      byte[] text = Files.readAllBytes(Path.of(path));
      return new String(text, StandardCharsets.ISO_8859_1).lines().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  @Override
  public List<ProcMaps.Range> areas(int tid, long start, long end) {
    return KernelAreas.of(tid, start, end).stream()
        .map(a -> new ProcMaps.Range(Math.max(a.start(), start), Math.min(a.end(), end)))
        .toList();
  }

  @Override
  public ProcMaps.Range area(int tid, long address) {
    List<ProcMaps.Range> areas = KernelAreas.of(tid, address, address + 1);
    return areas.isEmpty() ? null : areas.getFirst();
  }

  @Override
  public void lendLimits(int tid, int agentTid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment theirs = arena.allocate(16, 8);
      MemorySegment agents = arena.allocate(16, 8);
      for (int resource : LENT) {
        if (limit(tid, resource, theirs) != 0 || limit(agentTid, resource, agents) != 0) {
          continue;
        }
        long soft = theirs.get(ValueLayout.JAVA_LONG, 0);
        if (soft != agents.get(ValueLayout.JAVA_LONG, 0)) {
          long hard = agents.get(ValueLayout.JAVA_LONG, 8);
          theirs.set(ValueLayout.JAVA_LONG, 8, Long.compareUnsigned(hard, soft) < 0 ? soft : hard);
          Syscall.call(SYS_PRLIMIT64, agentTid, resource, theirs.address(), 0, 0, 0);
        }
      }
    }
  }

  private static long limit(int tid, int resource, MemorySegment into) {
    return Syscall.call(SYS_PRLIMIT64, tid, resource, 0, into.address(), 0, 0);
  }

  @Override
  public long lockLimitBytes(int tid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limit = arena.allocate(16, 8);
      boolean known = limit(tid, RLIMIT_MEMLOCK, limit) == 0;
      long bytes = known ? limit.get(ValueLayout.JAVA_LONG, 0) : -1;
      return bytes < 0 || (status(tid, "CapEff:", 16) & CAP_IPC_LOCK) != 0 ? Long.MAX_VALUE : bytes;
    }
  }

  @Override
  public long lockedBytes(int tid) {
    return status(tid, "VmLck:", 10) << 10;
  }

  @Override
  public long sizeBytes(int tid) {
    return status(tid, "VmSize:", 10) << 10;
  }

  private static long status(int tid, String name, int radix) {
    return number(lines("/proc/" + tid + "/status"), name, radix);
  }

  private static long number(List<String> lines, String name, int radix) {
    for (String line : lines) {
      if (line.startsWith(name)) {
        return Long.parseUnsignedLong(line.substring(name.length()).trim().split(" ")[0], radix);
      }
    }
    return 0;
  }

  @Override
  public boolean isItself(int tid, int pidFd) {
    if (pidFd == PIDFD_SELF_THREAD || pidFd == PIDFD_SELF_PROCESS) {
      return true;
    }
    List<String> lines = lines("/proc/" + tid + "/fdinfo/" + pidFd);
    // a descriptor that is none of a process has no such line, one of a dead process has -1
    if (lines.stream().noneMatch(line -> line.startsWith("Pid:") && !line.contains("-"))) {
      return false;
    }
    long process = status(tid, "Tgid:", 10);
    return process != 0 && status((int) number(lines, "Pid:", 10), "Tgid:", 10) == process;
  }

  @Override
  public String path(int tid, int fd) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + tid + "/fd/" + fd)).toString();
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public long segmentBytes(int id) {
    for (String line : lines("/proc/sysvipc/shm")) {
      String[] fields = line.trim().split("\\s+");
      if (fields.length > 3 && fields[1].equals(Integer.toString(id))) {
        return Long.parseLong(fields[3]);
      }
    }
    return 0;
  }

  @Override
  public boolean movesSeveralAreas() {
    return movesSeveralAreas;
  }

  @Override
  public boolean mergesPages() {
    return mergesPages;
  }

  private static boolean tryMovingTwoAreas() {
    long bytes = 8192;
    long at = Syscall.call(SYS_MMAP, 0, 4 * bytes, 0, 0x22, -1, 0);
    if (at < 0) {
      return false;
    }
    Syscall.call(SYS_MPROTECT, at, bytes / 2, 1);
    boolean moved = Syscall.call(SYS_MREMAP, at, bytes, bytes, 3, at + 2 * bytes, 0) >= 0;
    Syscall.call(SYS_MUNMAP, at, 4 * bytes, 0);
    return moved;
  }
}

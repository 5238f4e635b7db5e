package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.ProcessVm;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads and writes of {@code /proc/PID/mem} (proc_pid_mem(5)): the kernel does not wait for pages
 * that are away there, so they are brought in before it looks. Belongs to one thread.
 */
final class MemoryFiles implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("/proc/(?:\\d+/task/)?(\\d+)/mem");
  private static final long PAGE = 4096;
  private static final long PAGES_MAX = 1 << 14;

  private final AddressSpaces spaces;
  private final Beacon beacon;
  private final ProcessVm memory = new ProcessVm(1);

  /**
   * @param beacon of the same thread.
   */
  MemoryFiles(AddressSpaces spaces, Beacon beacon) {
    this.spaces = spaces;
    this.beacon = beacon;
  }

  /** A thread reads or writes a file at what may be an address. */
  void onCall(Call call, boolean write) {
    long[] a = call.arguments();
    int target = target(call.tid(), (int) a[0]);
    int space = target == 0 ? Beacon.NONE : beacon.spaceOf(target);
    if (space <= 0 || a[2] <= 0) {
      return;
    }
    long start = a[3] & -PAGE;
    long end = Math.min(start + PAGES_MAX * PAGE, (a[3] + a[2] + PAGE - 1) & -PAGE);
    if (write) {
      spaces.keep(space, start, end); // a protected page is as good as one that is away
      return;
    }
    for (long page = start; page < end; page += PAGE) {
      memory.read(target, page, 1);
    }
  }

  /** The process whose memory a descriptor is of, or 0. */
  private static int target(int tid, int fd) {
    try {
      String name = Files.readSymbolicLink(Path.of("/proc/" + tid + "/fd/" + fd)).toString();
      Matcher memoryFile = NAME.matcher(name);
      return memoryFile.matches() ? Integer.parseInt(memoryFile.group(1)) : 0;
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}

package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import io.splitkernel.pcomponent.space.Mapping;
import io.splitkernel.pcomponent.space.MappingKind;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An address space without a kernel: it writes down what it is asked for, in order with what the
 * pager and the model are told, and answers what a test has put in.
 */
final class FakeSpace implements SpaceCalls, ProgramFacts {
  static final long PAGE = 4096;
  static final int TID = 7;
  static final int SPACE = 3;

  /** What has happened: {@code call 11 10 2} with addresses and lengths in pages where they fit. */
  final List<String> events = new ArrayList<>();

  /** What the next calls answer; those after them answer their success. */
  final ArrayDeque<Long> answers = new ArrayDeque<>();

  final AddressSpaceModel model = new AddressSpaceModel();
  final AddressSpaces pager =
      (AddressSpaces)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {AddressSpaces.class},
              (proxy, method, arguments) -> pagerCall(method.getName(), arguments));
  final MemoryCalls calls = new MemoryCalls(pager, this, 1000 * PAGE, 50 * PAGE, this::locked);

  List<ProcMaps.Range> areas = List.of();
  byte[] memory = new byte[0];
  long bytesInUse;
  long lockLimit = Long.MAX_VALUE;
  int localizeAnswer;
  boolean isItself = true;
  boolean movesSeveral = true;
  long segmentBytes;

  private long locked() {
    return model.lockedBytes();
  }

  static long pages(long count) {
    return count * PAGE;
  }

  /** Puts supervised memory in, in pages. */
  void supervise(long start, long end) {
    model.put(Mapping.plain(pages(start), pages(end), 3, MappingKind.ANONYMOUS));
  }

  /** Carries a 64-bit call out. */
  long carryOut(SeenCalls call, long... arguments) {
    return carryOut(SeenCalls.ARCH_X86_64, call.number(SeenCalls.ARCH_X86_64), arguments);
  }

  long carryOut(int architecture, int number, long... arguments) {
    long[] six = new long[6];
    System.arraycopy(arguments, 0, six, 0, arguments.length);
    return calls.carryOut(this, TID, architecture, number, six);
  }

  String events() {
    return String.join("; ", events);
  }

  /** The model in pages: {@code 10-12 14-20!} with a mark behind what is local. */
  String mappings() {
    return model.mappings(0, Long.MAX_VALUE).stream()
        .map(m -> m.start() / PAGE + "-" + m.end() / PAGE + (m.isSupervised() ? "" : "!"))
        .collect(Collectors.joining(" "));
  }

  private static String inPages(long value) {
    return value != 0 && value % PAGE == 0 ? Long.toString(value / PAGE) : "#" + value;
  }

  private Object pagerCall(String name, Object[] arguments) {
    if (name.equals("bytesInUse")) {
      return bytesInUse;
    }
    List<Object> ranges = List.of(arguments).subList(1, arguments.length);
    String text =
        ranges.stream()
            .map(a -> a instanceof Long address ? inPages(address) : a.toString())
            .collect(Collectors.joining(" "));
    events.add(name + " " + text + known(name, arguments));
    return switch (name) {
      case "localize" -> localizeAnswer;
      case "register" -> 0;
      default -> null;
    };
  }

  /** Whether the model has what is registered, which it must. */
  private String known(String name, Object[] arguments) {
    boolean missing =
        name.equals("register")
            && !model.isAllSupervised((long) arguments[1], (long) arguments[2], 0);
    return missing ? " unknown" : "";
  }

  @Override
  public int number() {
    return SPACE;
  }

  @Override
  public AddressSpaceModel model() {
    return model;
  }

  @Override
  public int agentTid() {
    return 8;
  }

  @Override
  public long call(long number, long a, long b, long c, long d, long e) {
    String text = Stream.of(a, b, c, d, e).map(FakeSpace::inPages).collect(Collectors.joining(" "));
    events.add("call " + number + " " + text);
    if (!answers.isEmpty()) {
      return answers.remove();
    }
    return number == MemoryCalls.SYS_MMAP ? a : 0;
  }

  @Override
  public long mapFile(
      int tid, int fd, long address, long bytes, long protection, long flags, long offset) {
    events.add("mapFile " + fd + " " + inPages(address) + " " + inPages(bytes));
    return answers.isEmpty() ? address : answers.remove();
  }

  @Override
  public long read(int tid, long address, byte[] into) {
    if (memory.length < into.length) {
      return -Errno.EFAULT;
    }
    System.arraycopy(memory, 0, into, 0, into.length);
    return 0;
  }

  @Override
  public void unlockOwn() {
    events.add("unlockOwn");
  }

  @Override
  public List<ProcMaps.Range> areas(int tid, long start, long end) {
    return areas.stream()
        .filter(a -> a.start() < end && a.end() > start)
        .map(a -> new ProcMaps.Range(Math.max(start, a.start()), Math.min(end, a.end())))
        .toList();
  }

  @Override
  public ProcMaps.Range area(int tid, long address) {
    return areas.stream()
        .filter(a -> a.start() <= address && address < a.end())
        .findFirst()
        .orElse(null);
  }

  @Override
  public void lendLimits(int tid, int agentTid) {}

  @Override
  public long lockLimitBytes(int tid) {
    return lockLimit;
  }

  @Override
  public long lockedBytes(int tid) {
    return model.lockedBytes();
  }

  @Override
  public long sizeBytes(int tid) {
    return pages(2000);
  }

  @Override
  public boolean isItself(int tid, int pidFd) {
    return isItself;
  }

  @Override
  public String path(int tid, int fd) {
    return "/file" + fd;
  }

  @Override
  public long segmentBytes(int id) {
    return segmentBytes;
  }

  @Override
  public boolean movesSeveralAreas() {
    return movesSeveral;
  }

  @Override
  public boolean mergesPages() {
    return true;
  }
}

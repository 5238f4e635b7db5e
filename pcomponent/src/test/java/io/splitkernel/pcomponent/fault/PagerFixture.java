package io.splitkernel.pcomponent.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.region.LocalMemory;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A pager in this process with one area of this process's own memory under it. */
final class PagerFixture implements AutoCloseable, AddressSpaces.Listener {
  static final int PAGE = 4096;
  private static final long FEATURES =
      Userfaultfd.FEATURE_PAGEFAULT_FLAG_WP
          | Userfaultfd.FEATURE_EVENT_FORK
          | Userfaultfd.FEATURE_THREAD_ID
          | Userfaultfd.FEATURE_MOVE;

  final ConcurrentLinkedQueue<String> outOfMemory = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<String> memoryLost = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<Integer> ended = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<Integer> agentWanted = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  final ProcessorCounters counters = new ProcessorCounters();
  final FaultLatency latency = new FaultLatency();
  final PagerConfig config;
  final RemoteMemory remote;
  final Pager pager;
  final SameProcessAgent agent;
  final int space;
  final long area;
  final long areaBytes;
  private boolean detached;

  PagerFixture(PagerConfig config, long areaPages) {
    this(config, areaPages, new LocalMemory(config.memoryBytes() * 4));
  }

  PagerFixture(PagerConfig config, long areaPages, RemoteMemory remote) {
    this.config = config;
    this.remote = remote;
    int uffd;
    try (Userfaultfd calls = new Userfaultfd()) {
      uffd = calls.open();
      assumeTrue(uffd >= 0, "userfaultfd is not to be had: " + uffd);
      assumeTrue(calls.api(uffd, FEATURES) == 0, "userfaultfd lacks MOVE (Linux 6.8)");
    }
    pager = new Pager(config, remote, counters, latency, this);
    pager.start();
    areaBytes = areaPages * PAGE;
    area = RawMemory.map(areaBytes);
    Syscall.call(28, area, areaBytes, 15); // MADV_NOHUGEPAGE
    mapBeacon(uffd);
    agent = new SameProcessAgent(uffd);
    space = pager.attach(uffd, agent, (int) ProcessHandle.current().pid());
    assertEquals(0, pager.register(space, area, area + areaBytes, false));
  }

  /** As in every supervised program: wiped on fork, served by the pager. */
  private static void mapBeacon(int uffd) {
    long address = AddressSpaces.BEACON_ADDRESS;
    assertEquals(address, Syscall.call(9, address, PAGE, 3, 0x32, -1, 0));
    assertEquals(0, Syscall.call(28, address, PAGE, 18)); // MADV_WIPEONFORK
    try (Userfaultfd calls = new Userfaultfd()) {
      assertEquals(0, calls.register(uffd, address, PAGE, Userfaultfd.REGISTER_MISSING));
    }
  }

  /** The resident gauge, up to date. */
  long residentPages() {
    pager.release(space, PAGE, PAGE);
    return get(ProcessorCounter.RESIDENT_BYTES) / PAGE;
  }

  /** The pages in use, up to date. */
  long pagesInUse() {
    pager.release(space, PAGE, PAGE);
    return pager.bytesInUse() / PAGE;
  }

  static PagerConfig config(int cachePages) {
    return PagerConfig.of((long) cachePages * PAGE, 1L << 30);
  }

  long get(ProcessorCounter counter) {
    return counters.get(counter);
  }

  long page(long i) {
    return area + i * PAGE;
  }

  @Override
  public void onOutOfMemory(int number, String reason) {
    outOfMemory.add(reason);
    tell(reason);
  }

  @Override
  public void onMemoryLost(int number, String reason) {
    memoryLost.add(reason);
    tell(reason);
  }

  @Override
  public void onSpaceEnded(int number, long awayBytes) {
    ended.add(number);
  }

  @Override
  public void onAgentWanted(int number) {
    agentWanted.add(number);
  }

  @Override
  public void onPagerFailed(String reason) {
    failures.add(reason);
    System.err.println("the pager has failed: " + reason);
  }

  /** From now on no fault is served: a test that does not expect it waits until its end. */
  private static void tell(String reason) {
    System.err.println("the pager gives the space up: " + reason);
  }

  void detach() {
    if (!detached) {
      detached = true;
      pager.detach(space);
    }
  }

  /** Ends what a pager that has failed left, when those who touch it have gone on. */
  void abandon(Thread... programs) throws InterruptedException {
    int uffd = pager.userfaultfd(space);
    pager.close();
    Syscall.call(3, uffd, 0, 0);
    for (Thread program : programs) {
      program.join();
    }
    unmap();
  }

  private void unmap() {
    remote.close();
    RawMemory.unmap(area, areaBytes);
    RawMemory.unmap(AddressSpaces.BEACON_ADDRESS, PAGE);
  }

  @Override
  public void close() {
    detach();
    assertEquals(0, pager.bytesInUse(), "pages left after the last space has ended");
    assertTrue(get(ProcessorCounter.SPACES) == 0);
    pager.close();
    unmap();
  }
}

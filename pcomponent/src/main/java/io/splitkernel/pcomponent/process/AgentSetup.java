package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.PidFd;
import io.splitkernel.ffi.ProcessMemory;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import io.splitkernel.pcomponent.space.Mapping;
import io.splitkernel.pcomponent.space.MappingKind;
import io.splitkernel.shims.NativeParts;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.AccessDeniedException;

/**
 * Puts an agent into an address space by borrowing a thread that waits in a memory call there: into
 * a new one (after an exec, {@link #attach}) or into one that began as a fork ({@link #claim}). The
 * thread makes its call again afterwards. One instance belongs to one OS thread.
 */
final class AgentSetup {
  private static final long SYS_CLOSE = 3;
  private static final long SYS_MMAP = 9;
  private static final long PROT_ALL = 7;
  private static final long MAP_FLAGS = 0x100022; // PRIVATE | ANONYMOUS | FIXED_NOREPLACE
  private static final long BLOB = Layout.of("LEGO_BLOB_ADDRESS");
  private static final long BLOB_BYTES = Layout.of("LEGO_BLOB_BYTES");
  private static final long STAGING = Layout.of("LEGO_STAGING_ADDRESS");
  private static final long STAGING_BYTES = Layout.of("LEGO_STAGING_BYTES");
  private static final long PAGE = 4096;
  private static final int SIGKILL = 9;
  private static final long MMAP_OFFSET = Layout.of("LEGO_MMAP_OFFSET");
  private static final long SETUP_EXEC = Layout.of("LEGO_SETUP_EXEC");
  private static final long SETUP_THREAD = Layout.of("LEGO_SETUP_THREAD");
  private static final long SETUP_ASK = Layout.of("LEGO_SETUP_ASK");

  private final Injection injection;
  private final AddressSpaces spaces;
  private final ProgramFamily family;
  private final SupervisorConfig config;
  private final MemorySegment blob;

  AgentSetup(Arena arena, AddressSpaces spaces, ProgramFamily family, SupervisorConfig config) {
    this.injection = new Injection(arena);
    this.spaces = spaces;
    this.family = family;
    this.config = config;
    this.blob = arena.allocateFrom(ValueLayout.JAVA_BYTE, NativeParts.bytes("lego-agent.bin"));
  }

  /**
   * Takes over the address space of a thread that waits in a call. The call is answered in any
   * case, unless IOException is thrown before the thread was borrowed.
   *
   * @param status of the thread.
   * @return the space, or null when the process runs on without supervision, with its memory local.
   * @throws TaskEndedException when the thread was killed meanwhile.
   * @throws IOException when it could not be supervised.
   */
  LiveSpace attach(Call call, ProcStatus status) throws TaskEndedException, IOException {
    AgentKind kind = family.agentKind(status);
    try (AgentWindow window = AgentWindow.create()) {
      if (isShort(window) || kind == AgentKind.NONE || !seize(call, status)) {
        call.answer(MemoryCalls.PROCEED);
        return null;
      }
      int device = family.access().device();
      long theirs = device < 0 ? -1 : family.install(call, status.pid(), device);
      long theirWindow = family.install(call, status.pid(), window.descriptor());
      injection.borrow(call);
      try {
        return attachBorrowed(status, kind, window, theirs, theirWindow);
      } finally {
        injection.giveBack();
      }
    }
  }

  private LiveSpace attachBorrowed(
      ProcStatus status, AgentKind kind, AgentWindow window, long device, long windowFd)
      throws TaskEndedException, IOException {
    int pid = status.pid();
    ProcessMemory memory = null;
    try {
      if (windowFd >= 0 && device >= -1) {
        memory = placeBlob(pid);
      }
    } finally {
      if (memory == null) {
        closeTheirs(device);
        closeTheirs(windowFd);
      }
    }
    if (memory == null) {
      throw new IOException("descriptors of process " + pid + ": " + Errno.text(windowFd));
    }
    InProgramAgent agent = new InProgramAgent(window.take(), memory, config.agentDeadlineNs());
    LiveSpace space = null;
    long theirs = -1;
    boolean done = false;
    try {
      theirs = injection.enterBlob(SETUP_EXEC | threadFlag(kind), device, windowFd);
      space = family.begin(spaces.attach(takeUserfaultfd(pid, (int) theirs), agent, pid));
      registerPresentAreas(pid, space.number());
      long made = injection.runToStop();
      theirs = -1; // closed by then
      startAgent(space, agent, status, kind, made);
      done = true;
      return space;
    } finally {
      if (!done) {
        closeTheirs(theirs);
        if (space != null) {
          spaces.unclaim(space.number());
          family.makeLocal(space);
        }
        agent.end();
        agent.free();
      }
    }
  }

  /** Maps the blob's range in the borrowed thread's process, and writes it. */
  private ProcessMemory placeBlob(int pid) throws TaskEndedException, IOException {
    long at = injection.syscall(SYS_MMAP, BLOB, BLOB_BYTES, PROT_ALL, MAP_FLAGS, -1, MMAP_OFFSET);
    if (at != BLOB) {
      throw new IOException("mmap of the agent in process " + pid + ": " + Errno.text(at));
    }
    ProcessMemory memory = openMemory(pid);
    if (memory.write(BLOB, blob.address(), blob.byteSize()) != blob.byteSize()) {
      memory.close();
      throw new IOException("cannot write the agent into process " + pid);
    }
    return memory;
  }

  /** Has the borrowed thread close a descriptor that its process was given; negative: nothing. */
  private void closeTheirs(long descriptor) throws TaskEndedException {
    if (descriptor >= 0) {
      injection.syscall(SYS_CLOSE, descriptor);
    }
  }

  /**
   * Gives a space that began as a fork, or lost its agent, a new one. When that succeeds the call
   * is answered, and will be made again. The caller holds the space's lock.
   *
   * @throws TaskEndedException when the thread was killed meanwhile.
   * @throws IOException when the space could get no agent; the call is answered, or not yet.
   */
  void claim(Call call, ProcStatus status, LiveSpace space) throws TaskEndedException, IOException {
    AgentKind kind = family.agentKind(status);
    int pid = status.pid();
    try (AgentWindow window = AgentWindow.create()) {
      if (isShort(window) || kind == AgentKind.NONE || !seize(call, status)) {
        throw new IOException("process " + pid + " cannot be given an agent");
      }
      long theirs = family.install(call, pid, spaces.userfaultfd(space.number()));
      long theirWindow = family.install(call, pid, window.descriptor());
      injection.borrow(call);
      try {
        if (theirs < 0 || theirWindow < 0) {
          closeTheirs(theirs);
          closeTheirs(theirWindow);
          throw new IOException("descriptors of process " + pid + ": " + Errno.text(theirWindow));
        }
        long made = injection.enterBlob(threadFlag(kind), theirs, theirWindow);
        claimed(status, space, kind, window, made);
      } finally {
        injection.giveBack();
      }
    }
  }

  /**
   * Does the same by a thread that is in no reported call; an {@link Interruption} has stopped it.
   * It is given back in any case. The caller holds the space's lock.
   *
   * @throws TaskEndedException when the thread was killed meanwhile.
   * @throws IOException when the space could get no agent.
   */
  void claim(int tid, ProcStatus status, LiveSpace space) throws TaskEndedException, IOException {
    DescriptorHandover descriptors = family.descriptors();
    AgentKind kind = family.agentKind(status);
    injection.borrow(status.pid(), tid);
    try (AgentWindow window = kind == AgentKind.NONE ? null : AgentWindow.create()) {
      if (window == null || isShort(window)) {
        throw new IOException("process " + status.pid() + " cannot be given an agent");
      }
      long userfaultfdKey = descriptors.offer(spaces.userfaultfd(space.number()));
      long windowKey = descriptors.offer(window.descriptor());
      try {
        long what = SETUP_ASK | threadFlag(kind);
        long made = injection.enterBlob(what, userfaultfdKey, windowKey);
        claimed(status, space, kind, window, made);
      } finally {
        descriptors.withdraw(userfaultfdKey);
        descriptors.withdraw(windowKey);
      }
    } finally {
      injection.giveBack();
    }
  }

  private void claimed(
      ProcStatus status, LiveSpace space, AgentKind kind, AgentWindow window, long made)
      throws IOException, TaskEndedException {
    checkStarted(made);
    int pid = status.pid();
    ProcessMemory memory = openMemory(pid);
    InProgramAgent agent = new InProgramAgent(window.take(), memory, config.agentDeadlineNs());
    startAgent(space, agent, status, kind, made);
    int result = spaces.claim(space.number(), agent, pid);
    if (result < 0) { // its memory is lost, or it is gone
      ProcessKiller.kill(pid);
      family.endAgent(space);
      throw new TaskEndedException(pid, SIGKILL);
    }
  }

  private boolean isShort(AgentWindow window) {
    return family.own().areShort(window.descriptor());
  }

  private boolean seize(Call call, ProcStatus status) {
    boolean filtered = status.filters() > family.filtersExpected();
    return status.tracerPid() == 0 && injection.seize(status.pid(), call.tid(), filtered) == 0;
  }

  private static long threadFlag(AgentKind kind) {
    return kind == AgentKind.THREAD ? SETUP_THREAD : 0;
  }

  private int takeUserfaultfd(int pid, int theirs) throws IOException {
    int uffd = theirs < 0 ? theirs : PidFd.steal(pid, theirs);
    int result = uffd < 0 ? uffd : family.access().makeReady(uffd, config.moveAvailable());
    if (result < 0) {
      FileDescriptor.close(uffd);
      String reason = "userfaultfd of process " + pid + ": " + Errno.text(result);
      if (result == -Errno.EPERM) {
        String cure = "; see lego doctor";
        throw new AccessDeniedException("/dev/userfaultfd", null, reason + cure);
      }
      throw new IOException(reason);
    }
    return uffd;
  }

  /** The agent was started, or not; the space knows it from now on. */
  private void startAgent(
      LiveSpace space, InProgramAgent agent, ProcStatus status, AgentKind kind, long made)
      throws IOException {
    checkStarted(made);
    if (kind == AgentKind.THREAD) {
      agent.isThreadOf(status.pid());
    } else {
      agent.isProcess((int) made);
    }
    agent.onKilled(() -> family.onAgentKilled(space.number()));
    space.agent(agent);
    family.onAgentStarted(space, status.pid());
  }

  private static void checkStarted(long made) throws IOException {
    if (made < 0) {
      throw new IOException("the agent could not be started: " + Errno.text(made));
    }
  }

  private void registerPresentAreas(int pid, int number) throws IOException {
    int staged = spaces.register(number, STAGING, STAGING + STAGING_BYTES, false);
    if (staged == 0) {
      long beacon = AddressSpaces.BEACON_ADDRESS;
      staged = spaces.register(number, beacon, beacon + PAGE, false);
    }
    if (staged < 0) {
      throw new IOException("UFFDIO_REGISTER in process " + pid + ": " + Errno.text(staged));
    }
    AddressSpaceModel model = spaces.model(number);
    for (ProcMaps.Area area : ProcMaps.anonymousAreas(pid)) {
      model.put(Mapping.plain(area.start(), area.end(), 3, area.kind()));
      if (spaces.register(number, area.start(), area.end(), true) < 0) {
        model.remove(area.start(), area.end());
      } else if (area.kind() == MappingKind.STACK) {
        // ps(1) reads them without waiting for a page
        spaces.keep(number, ProcMaps.argumentsStart(pid) & -PAGE, area.end());
      }
    }
  }

  private static ProcessMemory openMemory(int pid) throws IOException {
    ProcessMemory memory = ProcessMemory.open(pid);
    if (memory == null) {
      throw new IOException("cannot open the memory of process " + pid);
    }
    return memory;
  }
}

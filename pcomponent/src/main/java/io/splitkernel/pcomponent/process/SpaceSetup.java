package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.ffi.Layout;
import io.splitkernel.ffi.PidFd;
import io.splitkernel.ffi.ProcessMemory;
import io.splitkernel.ffi.Ptrace;
import io.splitkernel.ffi.Userfaultfd;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import io.splitkernel.pcomponent.space.Mapping;
import io.splitkernel.pcomponent.space.MappingKind;
import io.splitkernel.shims.NativeParts;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Puts the agent into a fresh address space (after exec) or a copied one (after fork) and hands the
 * space to the pager. Belongs to the tracer; the thread concerned is stopped before and after.
 */
final class SpaceSetup {
  private static final long SYS_MMAP = 9;
  private static final long PROT_ALL = 7;
  private static final long MAP_FLAGS = 0x100022; // PRIVATE | ANONYMOUS | FIXED_NOREPLACE
  private static final long BLOB = Layout.of("LEGO_BLOB_ADDRESS");
  private static final long BLOB_BYTES = Layout.of("LEGO_BLOB_BYTES");
  private static final long STAGING = Layout.of("LEGO_STAGING_ADDRESS");
  private static final long STAGING_BYTES = Layout.of("LEGO_STAGING_BYTES");
  private static final long WINDOWS = Layout.of("LEGO_WINDOWS_ADDRESS");
  private static final long WINDOW_STRIDE = Layout.of("LEGO_WINDOW_STRIDE");
  private static final long WINDOWS_MAX = 1 << 20;
  private static final long MMAP_OFFSET = Layout.of("LEGO_MMAP_OFFSET");
  private static final int SIGKILL = 9;
  private static final long OP_EXEC = 0;
  private static final long OP_FORK = 1;
  private static final long FEATURES =
      Userfaultfd.FEATURE_PAGEFAULT_FLAG_WP
          | Userfaultfd.FEATURE_EVENT_FORK
          | Userfaultfd.FEATURE_THREAD_ID;

  private final Ptrace ptrace;
  private final Injection injection;
  private final AddressSpaces spaces;
  private final TaskTable tasks;
  private final long agentDeadlineNs;
  private final boolean moveAvailable;
  private final Userfaultfd userfaultfd = new Userfaultfd();
  private final MemorySegment blob;
  private long syscallOffset = -1;
  private long windowsMade;

  SpaceSetup(
      Ptrace ptrace,
      Arena arena,
      AddressSpaces spaces,
      TaskTable tasks,
      long agentDeadlineNs,
      boolean moveAvailable) {
    this.ptrace = ptrace;
    this.injection = new Injection(ptrace, arena);
    this.spaces = spaces;
    this.tasks = tasks;
    this.agentDeadlineNs = agentDeadlineNs;
    this.moveAvailable = moveAvailable;
    this.blob = arena.allocateFrom(ValueLayout.JAVA_BYTE, NativeParts.bytes("lego-agent.bin"));
  }

  /**
   * Sets up the address space of a process that is in its exec stop.
   *
   * @return the space, or null when it cannot be supervised (a 32-bit program).
   * @throws TaskEndedException when the process was killed meanwhile.
   * @throws IOException when the space refuses; the program must not run on then.
   */
  TracedSpace afterExec(int pid) throws TaskEndedException, IOException {
    injection.begin(pid, pid);
    if (injection.is32Bit()) {
      injection.end();
      return null;
    }
    injection.finishCall();
    long at =
        injection.syscall(
            syscallInstruction(pid),
            SYS_MMAP,
            BLOB,
            BLOB_BYTES,
            PROT_ALL,
            MAP_FLAGS,
            -1,
            MMAP_OFFSET);
    if (at != BLOB) {
      throw new IOException("mmap of the agent in process " + pid + ": " + Errno.text(at));
    }
    ProcessMemory memory = openMemory(pid);
    if (memory.write(BLOB, blob.address(), blob.byteSize()) != blob.byteSize()) {
      throw new IOException("cannot write the agent into process " + pid);
    }
    InProgramAgent agent = makeWindow(pid, memory, OP_EXEC, 0);
    int uffd = takeUserfaultfd(pid, (int) injection.stopArgument(0));
    int number = spaces.attach(uffd, agent, pid);
    TracedSpace space = new TracedSpace(number, agent, spaces.model(number), uffd, 0, false);
    return complete(space, () -> registerPresentAreas(pid, number, space.model()));
  }

  /**
   * Sets up the address space of a forked child that is in its first stop.
   *
   * @param pid the child.
   * @param parent space that it is a copy of.
   * @return the child's space.
   * @throws TaskEndedException when the child was killed meanwhile.
   * @throws IOException when the space refuses.
   */
  TracedSpace afterFork(int pid, TracedSpace parent) throws TaskEndedException, IOException {
    injection.begin(pid, pid);
    InProgramAgent agent;
    try {
      agent = makeWindow(pid, openMemory(pid), OP_FORK, parent.agent().window().programAddress());
    } catch (TaskEndedException | IOException e) {
      spaces.abandonForked(parent.number());
      throw e;
    }
    int number = spaces.claimForked(parent.number(), agent.window().programAddress(), agent, pid);
    if (number < 0) {
      agent.free();
      ProcessKiller.kill(pid);
      spaces.abandonForked(parent.number());
      throw new TaskEndedException(pid, SIGKILL);
    }
    TracedSpace space =
        new TracedSpace(number, agent, spaces.model(number), spaces.userfaultfd(number), 0, true);
    return complete(space, () -> {});
  }

  /**
   * What is left to do once the pager has a space; when it fails, the pager gets rid of it again.
   */
  private TracedSpace complete(TracedSpace space, Registration registration)
      throws TaskEndedException, IOException {
    boolean done = false;
    try {
      registration.run();
      startAgent(space);
      injection.end();
      done = true;
      return space;
    } finally {
      if (!done) {
        end(space);
      }
    }
  }

  /** Takes a space from the pager and ends its agent. */
  void end(TracedSpace space) {
    spaces.detach(space.number()); // the agent finishes what it moves: a forked child may need it
    space.agent().end();
    if (space.agentTid() != 0) {
      ProcessKiller.kill(space.agentTid());
    }
    space.agent().free();
  }

  /** Registers what is there already. */
  private interface Registration {
    void run() throws IOException;
  }

  private InProgramAgent makeWindow(int pid, ProcessMemory memory, long operation, long oldWindow)
      throws TaskEndedException, IOException {
    long address = WINDOWS + (windowsMade++ % WINDOWS_MAX) * WINDOW_STRIDE;
    injection.enterBlob(operation, address, oldWindow);
    long error = injection.stopArgument(2);
    int fd = error == 0 ? PidFd.steal(pid, (int) injection.stopArgument(1)) : -1;
    if (fd < 0) {
      memory.close();
      throw new IOException(
          "cannot make the command window of process "
              + pid
              + ": "
              + Errno.text(error != 0 ? error : fd));
    }
    return new InProgramAgent(AgentWindow.map(fd, address), memory, agentDeadlineNs);
  }

  private int takeUserfaultfd(int pid, int theirs) throws IOException {
    int uffd = theirs < 0 ? theirs : PidFd.steal(pid, theirs);
    int result =
        uffd < 0
            ? uffd
            : userfaultfd.api(uffd, FEATURES | (moveAvailable ? Userfaultfd.FEATURE_MOVE : 0));
    if (result < 0) {
      FileDescriptor.close(uffd);
      throw new IOException(
          "userfaultfd of process "
              + pid
              + ": "
              + Errno.text(result)
              + "; run as root or see lego doctor");
    }
    return uffd;
  }

  /** Follows the go-between that starts the agent, and lets the agent run. */
  private void startAgent(TracedSpace space) throws TaskEndedException, IOException {
    int between = injection.runToNewTask();
    int agentTid = between == 0 ? 0 : followGoBetween(between);
    if (agentTid == 0) {
      throw new IOException("the agent could not be started in the program (see ulimit -u)");
    }
    space.agentTid(agentTid);
    space.agent().tid(agentTid);
    tasks.addAgent(agentTid, space);
    if (ptrace.await(agentTid) == agentTid && !Ptrace.hasEnded(ptrace.status())) {
      ptrace.resume(agentTid, 0);
    }
    injection.runToStop();
  }

  /** Runs the go-between to its end; the task that it has made, or 0. */
  private int followGoBetween(int between) {
    int made = 0;
    while (ptrace.await(between) == between && !Ptrace.hasEnded(ptrace.status())) {
      if (Ptrace.event(ptrace.status()) == Ptrace.EVENT_CLONE) {
        made = (int) ptrace.eventMessage(between);
      }
      ptrace.resume(between, 0);
    }
    return made;
  }

  private void registerPresentAreas(int pid, int number, AddressSpaceModel model)
      throws IOException {
    int staged = spaces.register(number, STAGING, STAGING + STAGING_BYTES, false);
    if (staged < 0) {
      throw new IOException("UFFDIO_REGISTER in process " + pid + ": " + Errno.text(staged));
    }
    List<ProcMaps.Range> areas = ProcMaps.anonymousAreas(pid);
    for (ProcMaps.Range area : areas) {
      if (spaces.register(number, area.start(), area.end(), true) >= 0) {
        model.put(Mapping.plain(area.start(), area.end(), 3, MappingKind.ANONYMOUS));
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

  /** Address of a syscall instruction in the process's vdso, which is the same code as ours. */
  private long syscallInstruction(int pid) throws IOException {
    if (syscallOffset < 0) {
      syscallOffset = VdsoCode.syscallOffset();
    }
    return ProcMaps.vdso(Integer.toString(pid)) + syscallOffset;
  }
}

/* The program is a debugger of its child: TRACEME, registers, single steps, peek and poke of memory
 * that is away, system-call stops over exec; then the child runs on. */
#include "situation.h"
#include <sys/ptrace.h>
#include <sys/user.h>

static char *memory;
static volatile int marker;

static int tracee(void) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
        return 90;
    }
    raise(SIGSTOP);
    return marker == 4711 && memory[5 * PAGE] == 'p' && page_is(memory + 6 * PAGE, 6, 1) ? 42 : 43;
}

static void peek_and_poke(void) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        _exit(tracee());
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (!WIFSTOPPED(status)) {
        EXPECT(0, "the child ended with %d", WEXITSTATUS(status));
        return;
    }
    EXPECT(WSTOPSIG(status) == SIGSTOP, "stopped");
    pressure();
    errno = 0;
    long word = ptrace(PTRACE_PEEKDATA, child, memory + 6 * PAGE, NULL);
    EXPECT(errno == 0 && word == (long)mix(6 * 1024 + (1ULL << 40)), "peek");
    word = ptrace(PTRACE_PEEKDATA, child, memory + 5 * PAGE, NULL);
    EXPECT(ptrace(PTRACE_POKEDATA, child, memory + 5 * PAGE, (word & ~255L) | 'p') == 0, "poke");
    word = ptrace(PTRACE_PEEKDATA, child, &marker, NULL);
    EXPECT(ptrace(PTRACE_POKEDATA, child, &marker, (word & ~0xffffffffL) | 4711) == 0, "poke data");
    struct user_regs_struct registers;
    EXPECT(ptrace(PTRACE_GETREGS, child, NULL, &registers) == 0 && registers.rip != 0, "registers");
    int steps = 0;
    for (; steps < 20; steps++) {
        CHECK(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0);
        CHECK(waitpid(child, &status, 0) == child);
        if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) {
            break;
        }
    }
    printf("steps %d\n", steps);
    CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0);
    printf("ended with %d\n", ended(child));
}

static void count_calls(void) {
    int status, stops = 0, execs = 0, getpids = 0;
    pid_t child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
            _exit(90);
        }
        raise(SIGSTOP);
        for (int i = 0; i < 10; i++) {
            syscall(SYS_getppid);
            char *at = mmap(NULL, 4 * PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            at[0] = 1;
            munmap(at, 4 * PAGE);
        }
        execl("/bin/true", "true", (char *)NULL);
        _exit(9);
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (!WIFSTOPPED(status)) {
        EXPECT(0, "the child ended with %d", WEXITSTATUS(status));
        return;
    }
    CHECK(ptrace(PTRACE_SETOPTIONS, child, NULL,
                 PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) == 0);
    int maps = 0, unmaps = 0;
    for (;;) {
        CHECK(ptrace(PTRACE_SYSCALL, child, NULL, NULL) == 0);
        CHECK(waitpid(child, &status, 0) == child);
        if (!WIFSTOPPED(status)) {
            break;
        }
        if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXEC << 8))) {
            execs++;
        } else if (WSTOPSIG(status) == (SIGTRAP | 0x80) && execs == 0) {
            struct user_regs_struct registers;
            CHECK(ptrace(PTRACE_GETREGS, child, NULL, &registers) == 0);
            stops++;
            getpids += registers.orig_rax == SYS_getppid;
            maps += registers.orig_rax == SYS_mmap && (long)registers.rax > 0;
            unmaps += registers.orig_rax == SYS_munmap && registers.rax == 0;
        }
    }
    printf("getppid %d, mmap %d, munmap %d, exec %d, end %x\n", getpids, maps, unmaps, execs,
           status);
    EXPECT(stops > 60, "stops");
}

int main(void) {
    memory = map_filled(16 * PAGE, 1);
    peek_and_poke();
    count_calls();
    EXPECT(bad_pages(memory, 16 * PAGE, 1) == 0, "memory");
    return verdict();
}

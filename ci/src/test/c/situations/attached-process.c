/* A process is attached to (PTRACE_ATTACH, SEIZE and INTERRUPT) while it calls for memory, its forks
 * are followed, and it is left alone again: it never notices. */
#include "situation.h"
#include <sys/ptrace.h>
#include <sys/user.h>

static int busy(void) {
    char *memory = map_filled(MIB, 3);
    double until = seconds() + 0.7;
    for (uint64_t round = 0; seconds() < until; round++) {
        char *at = map_filled(8 * PAGE, round);
        CHECK(bad_pages(at, 8 * PAGE, round) == 0 && munmap(at, 8 * PAGE) == 0);
        if (round % 64 == 0) {
            pid_t child = fork();
            if (child == 0) {
                _exit(bad_pages(memory, MIB, 3) == 0 ? 0 : 1);
            }
            CHECK(child > 0 && ended(child) == 0);
        }
    }
    return bad_pages(memory, MIB, 3) == 0 ? 51 : 52;
}

static void attach_once(pid_t whom, int round) {
    int status;
    if (ptrace(PTRACE_ATTACH, whom, NULL, NULL) != 0) {
        EXPECT(0, "attach %d", round);
        return;
    }
    EXPECT(waitpid(whom, &status, __WALL) == whom && WIFSTOPPED(status), "stop %d", round);
    struct user_regs_struct registers;
    EXPECT(ptrace(PTRACE_GETREGS, whom, NULL, &registers) == 0, "registers %d", round);
    errno = 0;
    ptrace(PTRACE_PEEKDATA, whom, registers.rsp, NULL);
    EXPECT(errno == 0, "peek at its stack %d", round);
    EXPECT(ptrace(PTRACE_DETACH, whom, NULL, NULL) == 0, "detach %d", round);
}

static void seize_and_follow(pid_t whom) {
    int status, forks = 0, interrupted = 0;
    long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACESYSGOOD;
    if (ptrace(PTRACE_SEIZE, whom, NULL, options) != 0) {
        EXPECT(0, "seize");
        return;
    }
    CHECK(ptrace(PTRACE_INTERRUPT, whom, NULL, NULL) == 0);
    double until = seconds() + 0.2;
    while (seconds() < until || forks == 0 || interrupted == 0) {
        pid_t who = waitpid(-1, &status, __WALL);
        CHECK(who > 0);
        if (!WIFSTOPPED(status)) {
            if (who == whom) {
                EXPECT(0, "it ended too early: %x", status);
                return;
            }
            continue;
        }
        int event = status >> 16;
        forks += event == PTRACE_EVENT_FORK;
        interrupted += event == PTRACE_EVENT_STOP && who == whom;
        int signal = event == 0 && WSTOPSIG(status) != SIGTRAP ? WSTOPSIG(status) : 0;
        ptrace(PTRACE_CONT, who, NULL, signal);
    }
    /* Left at a stop that is asked for, with its children. */
    CHECK(ptrace(PTRACE_INTERRUPT, whom, NULL, NULL) == 0);
    for (;;) {
        pid_t who = waitpid(-1, &status, __WALL);
        CHECK(who > 0);
        if (WIFSTOPPED(status) && who == whom && status >> 16 == PTRACE_EVENT_STOP) {
            break;
        }
        if (WIFSTOPPED(status)) {
            ptrace(PTRACE_CONT, who, NULL, status >> 16 == 0 ? WSTOPSIG(status) : 0);
        }
    }
    EXPECT(ptrace(PTRACE_DETACH, whom, NULL, NULL) == 0, "detach");
    printf("followed forks: %s, interrupted: %s\n", forks ? "yes" : "no", interrupted ? "yes" : "no");
}

int main(void) {
    pid_t child = fork();
    if (child == 0) {
        _exit(busy());
    }
    CHECK(child > 0);
    for (int round = 0; round < 8; round++) {
        nap(7000);
        attach_once(child, round);
    }
    seize_and_follow(child);
    int status;
    pid_t who;
    while ((who = waitpid(-1, &status, __WALL)) > 0 && who != child) {
        if (WIFSTOPPED(status)) {
            ptrace(PTRACE_DETACH, who, NULL, NULL);
        }
    }
    printf("it ended with %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return verdict();
}

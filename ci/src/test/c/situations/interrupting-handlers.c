/* Handlers without SA_RESTART: memory calls and clone answer no EINTR, in the process that has set
 * them up, in its threads, and in its children, which inherit them. A child that traces such a
 * process may do so, and an exec forgets the handlers. */
#include "situation.h"
#include <sys/ptrace.h>
#include <sys/time.h>

static atomic_long ticks, refusals;

static void on_signal(int number) {
    (void)number;
    ticks++;
}

static void *nothing(void *argument) {
    return argument;
}

static void call_for_memory(double length, int with_threads) {
    double until = seconds() + length;
    for (long round = 0; seconds() < until; round++) {
        char *at = mmap(NULL, 16 * PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED) {
            refusals++;
            continue;
        }
        at[0] = 1;
        refusals += madvise(at, 4 * PAGE, MADV_DONTNEED) != 0;
        refusals += munmap(at, 16 * PAGE) != 0;
        if (with_threads && round % 8 == 0) {
            pthread_t thread;
            if (pthread_create(&thread, NULL, nothing, NULL) == 0) {
                CHECK(pthread_join(thread, NULL) == 0);
            } else {
                refusals++;
            }
        }
    }
}

static void timer(long microseconds) {
    struct itimerval often = {{0, microseconds}, {0, microseconds}};
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
}

static void *worker(void *argument) {
    call_for_memory(0.6, 0);
    return argument;
}

static int child(void) {
    call_for_memory(0.01, 0);
    timer(300);
    call_for_memory(0.4, 1);
    timer(0);
    return refusals == 0 && ticks > 0 ? 23 : 24;
}

/* Traces its parent, which is in the midst of it. */
static int tracer(pid_t whom) {
    int status, stops = 0;
    for (int round = 0; round < 3; round++) {
        nap(20000);
        if (ptrace(PTRACE_ATTACH, whom, NULL, NULL) != 0) {
            return 30;
        }
        do {
            if (waitpid(whom, &status, __WALL) != whom || !WIFSTOPPED(status)) {
                return 31;
            }
            if (WSTOPSIG(status) != SIGSTOP) {
                ptrace(PTRACE_CONT, whom, NULL, WSTOPSIG(status));
            }
        } while (WSTOPSIG(status) != SIGSTOP);
        stops++;
        if (ptrace(PTRACE_DETACH, whom, NULL, NULL) != 0) {
            return 32;
        }
    }
    return stops;
}

int main(int count, char **arguments) {
    if (count > 1) {
        printf("after the exec\n");
        return 7;
    }
    struct sigaction action = {.sa_handler = on_signal};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    timer(300);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, worker, NULL) == 0);
    call_for_memory(0.6, 1);
    while (pthread_join(thread, NULL) != 0) {
    }
    timer(0);
    EXPECT(refusals == 0, "%ld calls were refused", (long)refusals);
    EXPECT(ticks > 100, "signals");

    pid_t heir = fork();
    if (heir == 0) {
        ticks = 0;
        _exit(child());
    }
    printf("the heir ended with %d\n", ended(heir));

    pid_t self = getpid();
    pid_t inside = fork();
    if (inside == 0) {
        _exit(tracer(self));
    }
    call_for_memory(0.3, 0);
    printf("the tracer ended with %d\n", ended(inside));

    pid_t execs = fork();
    if (execs == 0) {
        call_for_memory(0.01, 0);
        execl(arguments[0], arguments[0], "again", (char *)NULL);
        _exit(8);
    }
    printf("the other program ended with %d\n", ended(execs));
    return verdict();
}

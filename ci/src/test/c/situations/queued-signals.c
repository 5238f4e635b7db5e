/* Real-time signals are queued in order with their values, pending ones survive memory calls and
 * exec, blocked ones wait, and a child's mask is its parent's. */
#include "situation.h"

static int seen[64];
static atomic_int count;

static void on_value(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    seen[count++] = info->si_value.sival_int;
}

static int report_after_exec(void) {
    sigset_t pending, mask;
    sigpending(&pending);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf("after exec: pending USR2 %d, blocked USR2 %d, blocked TERM %d\n",
           sigismember(&pending, SIGUSR2), sigismember(&mask, SIGUSR2), sigismember(&mask, SIGTERM));
    return 0;
}

static int exec_myself(void *argument) {
    sigset_t usr2;
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    sigprocmask(SIG_BLOCK, &usr2, NULL);
    raise(SIGUSR2);
    execl("/proc/self/exe", (char *)argument, "again", (char *)NULL);
    return 9;
}

int main(int argc, char **argv) {
    if (argc > 1) {
        return report_after_exec();
    }
    struct sigaction action = {.sa_sigaction = on_value, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGRTMIN + 1, &action, NULL) == 0);
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0);
    for (int i = 0; i < 40; i++) {
        union sigval value = {.sival_int = i * 7};
        CHECK(sigqueue(getpid(), SIGRTMIN + 1, value) == 0);
        char *at = map_filled(4 * PAGE, (uint64_t)i);
        CHECK(munmap(at, 4 * PAGE) == 0);
    }
    EXPECT(count == 0, "a blocked signal was delivered");
    char *memory = map_filled(2 * MIB, 3);
    pressure();
    siginfo_t info;
    EXPECT(sigwaitinfo(&set, &info) == SIGRTMIN + 1 && info.si_value.sival_int == 0, "the first");
    EXPECT(info.si_pid == getpid() && info.si_code == SI_QUEUE, "who sent it");
    CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
    EXPECT(count == 39, "%d came", count);
    for (int i = 0; i < 39; i++) {
        EXPECT(seen[i] == (i + 1) * 7, "order of number %d", i);
    }
    EXPECT(bad_pages(memory, 2 * MIB, 3) == 0, "memory");
    EXPECT(in_child(exec_myself, argv[0]) == 0, "exec with a pending signal");
    return verdict();
}

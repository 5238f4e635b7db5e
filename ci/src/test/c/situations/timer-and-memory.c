/* A timer whose handler has no SA_RESTART ticks while one thread calls for memory, moves it, gives
 * it back and forks: these calls never answer EINTR. */
#include "situation.h"

static volatile sig_atomic_t ticks;

static void on_tick(int number) {
    (void)number;
    ticks++;
}

static void fork_and_wait(void) {
    pid_t child = fork();
    if (child == 0) {
        _exit(5);
    }
    EXPECT(child > 0, "fork");
    if (child > 0) {
        EXPECT(ended(child) == 5, "the child's status");
    }
}

static void heap_to(char *end) {
    long got = syscall(SYS_brk, end);
    EXPECT(got == (long)end, "brk to the end asked for, error %ld", got < 0 ? -got : 0);
}

int main(void) {
    struct sigaction action = {.sa_handler = on_tick};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    char *heap = (char *)syscall(SYS_brk, 0);
    struct itimerval often = {{0, 400}, {0, 400}};
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    double until = seconds() + 1.2;
    for (unsigned round = 0; seconds() < until && surprises < 5; round++) {
        char *at = mmap(NULL, 32 * PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        EXPECT(at != MAP_FAILED, "mmap");
        if (at == MAP_FAILED) {
            continue;
        }
        at[0] = 1;
        at[31 * PAGE] = 2;
        EXPECT(madvise(at, 4 * PAGE, MADV_DONTNEED) == 0, "madvise");
        EXPECT(at[0] == 0, "dropped page is zero");
        EXPECT(mprotect(at, 8 * PAGE, PROT_READ) == 0, "mprotect");
        EXPECT(mprotect(at, 8 * PAGE, READ_WRITE) == 0, "mprotect back");
        char *moved = mremap(at, 32 * PAGE, 80 * PAGE, MREMAP_MAYMOVE);
        EXPECT(moved != MAP_FAILED, "mremap");
        if (moved != MAP_FAILED) {
            EXPECT(moved[31 * PAGE] == 2, "moved content");
            EXPECT(munmap(moved, 80 * PAGE) == 0, "munmap");
        }
        heap_to(heap + (round % 2 ? 0 : 16 * PAGE));
        if (round % 16 == 0) {
            fork_and_wait();
        }
    }
    struct itimerval never = {{0, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    printf("the timer has ticked: %s\n", ticks > 10 ? "yes" : "no");
    return verdict();
}

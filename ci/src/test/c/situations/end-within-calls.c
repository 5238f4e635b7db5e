/* Processes end, are killed, or exec while their threads are in memory calls, in fork, in page faults:
 * each ends as it should, and nobody else does. */
#include "situation.h"

static void *calls(void *argument) {
    for (uint64_t round = 0;; round++) {
        char *at = mmap(NULL, 16 * PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED) {
            continue;
        }
        at[0] = at[5 * PAGE] = 1;
        madvise(at, 2 * PAGE, MADV_DONTNEED);
        char *moved = mremap(at, 16 * PAGE, 24 * PAGE, MREMAP_MAYMOVE);
        munmap(moved == MAP_FAILED ? at : moved, 24 * PAGE);
    }
    return argument;
}

static void *forks(void *argument) {
    for (;;) {
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
    return argument;
}

static int with_threads(int how, int round) {
    pthread_t thread;
    for (int i = 0; i < 3; i++) {
        CHECK(pthread_create(&thread, NULL, calls, NULL) == 0);
    }
    if (how == 3) {
        CHECK(pthread_create(&thread, NULL, forks, NULL) == 0);
    }
    nap(500 + round * 7919 % 6000);
    switch (how) {
    case 0:
    case 3:
        return round & 63;
    case 1:
        execl("/bin/sh", "sh", "-c", "exit 9", (char *)NULL);
        return 98;
    case 2:
        raise(SIGKILL);
        return 97;
    default:
        for (;;) {
            pause();
        }
    }
}

int main(void) {
    char *memory = map_filled(MIB, 1);
    for (int round = 0; round < 50; round++) {
        int how = round % 5;
        pid_t child = fork();
        if (child == 0) {
            _exit(with_threads(how, round));
        }
        CHECK(child > 0);
        if (how == 4) {
            nap(1000 + round * 104729 % 9000);
            CHECK(kill(child, SIGKILL) == 0);
        }
        int wanted = how == 1 ? 9 : how == 2 || how == 4 ? 1000 + SIGKILL : round & 63;
        int status = ended(child);
        EXPECT(status == wanted, "round %d: ended with %d, not %d", round, status, wanted);
    }
    EXPECT(bad_pages(memory, MIB, 1) == 0, "memory");
    return verdict();
}

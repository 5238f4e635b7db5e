/* A child subreaper gets its orphans and nobody else: what it reaps is what it and its children have
 * made, also when they are programs and when a child is killed. */
#include "situation.h"

static int statuses[256], reaped;

static void reap_all(void) {
    int status;
    while (wait(&status) > 0) {
        reaped++;
        statuses[WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)]++;
    }
    printf("then: %s\n", strerror(errno));
}

static void report(const char *what) {
    printf("%s: reaped %d:", what, reaped);
    for (int i = 0; i < 256; i++) {
        if (statuses[i] != 0) {
            printf(" %d times %d", statuses[i], i);
        }
    }
    printf("\n");
    memset(statuses, 0, sizeof statuses);
    reaped = 0;
}

static void parent_of_orphan(int number) {
    pid_t child = fork();
    if (child == 0) {
        pid_t orphan = fork();
        if (orphan == 0) {
            nap(50000);
            _exit(40 + number);
        }
        _exit(number);
    }
    CHECK(child > 0);
}

int main(void) {
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
    char *memory = map_filled(MIB, 1);
    for (int i = 0; i < 4; i++) {
        parent_of_orphan(i);
    }
    reap_all();
    report("orphans");
    for (int i = 0; i < 3; i++) {
        if (fork() == 0) {
            execl("/bin/sh", "sh", "-c", "(exec sleep 0.05) & exit 4", (char *)NULL);
            _exit(9);
        }
    }
    reap_all();
    report("programs");
    pid_t killed = fork();
    if (killed == 0) {
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            nap(100000);
            _exit(77);
        }
        for (;;) {
            pause();
        }
    }
    nap(50000);
    CHECK(kill(killed, SIGKILL) == 0);
    reap_all();
    report("killed");
    EXPECT(bad_pages(memory, MIB, 1) == 0, "memory");
    return verdict();
}

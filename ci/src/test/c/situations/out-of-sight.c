/*
 * Programs that keep secrets (ssh-agent, gpg-agent) forbid everybody to look into them, in the middle of
 * their life: what they map, free and map again is theirs as before, and their children's.
 */
#include "situation.h"

enum { PARTS = 64, PART = 1 << 20 };

static long wrong(const unsigned *part, unsigned seed) {
    long bad = 0;
    for (unsigned i = 0; i < PART / sizeof *part; i++) {
        bad += part[i] != i * 7 + seed;
    }
    return bad;
}

static unsigned *filled(void *at, unsigned seed) {
    unsigned *part = mmap(at, PART, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);
    CHECK(part != MAP_FAILED);
    for (unsigned i = 0; i < PART / sizeof *part; i++) {
        part[i] = i * 7 + seed;
    }
    return part;
}

/* Every second part is unmapped and mapped again where it was, with other content; pages that are
 * counted for the old one must not be taken out of the new one. */
static long exchange(unsigned **parts, unsigned seed) {
    long bad = 0;
    for (int i = 0; i < PARTS; i += 2) {
        CHECK(munmap(parts[i], PART) == 0);
        filled(parts[i], seed);
    }
    for (int i = 0; i < PARTS; i++) {
        bad += wrong(parts[i], i % 2 == 0 ? seed : 1);
    }
    return bad;
}

int main(void) {
    unsigned *parts[PARTS];
    for (int i = 0; i < PARTS; i++) {
        parts[i] = filled(NULL, 1);
    }
    CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
    printf("dumpable %d\n", prctl(PR_GET_DUMPABLE));
    printf("wrong %ld\n", exchange(parts, 2));
    pid_t child = fork();
    if (child == 0) {
        long bad = exchange(parts, 3);
        printf("wrong in a child %ld\n", bad);
        _exit(bad != 0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
    printf("dumpable %d, wrong %ld\n", prctl(PR_GET_DUMPABLE), exchange(parts, 4));
    return verdict();
}

// A page here and there in a large mapping: memory is used for what is touched, not for what lies between.
#include "situation.h"

#define PAGES 3000
#define STEP (2L << 20)

static char *base;

static long *word(long i) {
    return (long *)(base + i * STEP + i % 512 * 4096 + i % 500 * 8);
}

static void touch(long salt) {
    for (long i = 0; i < PAGES; i++) {
        *word(i) = i + salt;
    }
}

static long countWrong(long salt) {
    long wrong = 0;
    for (long i = 0; i < PAGES; i++) {
        wrong += *word(i) != i + salt;
    }
    return wrong;
}

int main(void) {
    base = mmap(NULL, PAGES * STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        puts("no address space");
        return 1;
    }
    touch(1);
    printf("wrong after the first round: %ld\n", countWrong(1));
    touch(2);
    printf("wrong after the second: %ld\n", countWrong(2));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        long before = countWrong(2);
        touch(3);
        _exit(before + countWrong(3) == 0 ? 7 : 8);
    }
    for (long i = 0; i < PAGES; i += 2) {
        *word(i) = i + 4;
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("child: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    long bad = 0;
    for (long i = 0; i < PAGES; i++) {
        bad += *word(i) != i + (i % 2 ? 2 : 4);
    }
    printf("wrong beside a child: %ld\n", bad);
    for (long i = 0; i < PAGES; i += 3) {
        madvise((void *)((long)word(i) & -4096L), 4096, MADV_DONTNEED);
    }
    bad = 0;
    for (long i = 0; i < PAGES; i++) {
        bad += *word(i) != (i % 3 == 0 ? 0 : i + (i % 2 ? 2 : 4));
    }
    printf("wrong after some are given back: %ld\n", bad);
    return 0;
}

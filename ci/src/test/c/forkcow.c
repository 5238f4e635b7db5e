/* Nested fork with copy-on-write: every generation sees its parent's pages, writes its own, and the
 * parent never sees them; also after the child has gone. */
#include "check.h"
#include <sys/wait.h>

enum { WORK_MIB = 12, DEPTH = 4 };
static size_t bytes = WORK_MIB * MIB;

static void generation(char *at, uint64_t tag, int depth) {
    CHECK(bad_pages(at, bytes, tag) == 0);
    if (depth == 0) {
        return;
    }
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        /* Half of the pages are rewritten, the other half stays the parent's. */
        for (size_t p = 0; p < bytes / PAGE; p += 2) {
            fill_page(at + p * PAGE, p, tag + 1);
        }
        for (size_t p = 0; p < bytes / PAGE; p++) {
            CHECK(page_is(at + p * PAGE, p, p % 2 == 0 ? tag + 1 : tag));
        }
        fill(at, bytes, tag + 1);
        generation(at, tag + 1, depth - 1);
        _exit(40 + depth);
    }
    /* The parent writes too, while the child lives. */
    for (size_t p = 1; p < bytes / PAGE; p += 3) {
        fill_page(at + p * PAGE, p, tag + 500);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 40 + depth);
    for (size_t p = 0; p < bytes / PAGE; p++) {
        CHECK(page_is(at + p * PAGE, p, p % 3 == 1 ? tag + 500 : tag));
    }
    pressure();
    for (size_t p = 0; p < bytes / PAGE; p++) {
        CHECK(page_is(at + p * PAGE, p, p % 3 == 1 ? tag + 500 : tag));
    }
}

int main(void) {
    char *at = map_anon(bytes);
    fill(at, bytes, 1);
    generation(at, 1, DEPTH);

    /* Several children at a time, all reading and writing what the parent has evicted. */
    fill(at, bytes, 9);
    pressure();
    pid_t children[4];
    for (int c = 0; c < 4; c++) {
        children[c] = fork();
        CHECK(children[c] >= 0);
        if (children[c] == 0) {
            CHECK(bad_pages(at, bytes, 9) == 0);
            fill(at, bytes, 100 + (uint64_t)c);
            CHECK(bad_pages(at, bytes, 100 + (uint64_t)c) == 0);
            _exit(0);
        }
    }
    for (int c = 0; c < 4; c++) {
        int status;
        CHECK(waitpid(children[c], &status, 0) == children[c]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    CHECK(bad_pages(at, bytes, 9) == 0);

    /* A child that outlives a rewrite and an unmap by the parent still has its own. */
    int hold[2];
    CHECK(pipe(hold) == 0);
    pid_t late = fork();
    CHECK(late >= 0);
    if (late == 0) {
        char byte;
        close(hold[1]);
        CHECK(read(hold[0], &byte, 1) == 1);
        _exit(bad_pages(at, bytes, 9) == 0 ? 0 : 1);
    }
    close(hold[0]);
    fill(at, bytes / 2, 77);
    pressure();
    CHECK(munmap(at + bytes / 2, bytes / 2) == 0);
    pressure();
    CHECK(write(hold[1], "x", 1) == 1);
    int status;
    CHECK(waitpid(late, &status, 0) == late && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(bad_pages(at, bytes / 2, 77) == 0);
    printf("forkcow ok\n");
    return 0;
}

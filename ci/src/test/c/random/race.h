/* Forks while a thread takes memory away that nobody writes any more: a child has a range as it was, or
 * as it is when it was taken, but nothing in between. */
#ifndef LEGO_TEST_RANDOM_RACE_H
#define LEGO_TEST_RANDOM_RACE_H

#include "areas.h"
#include <sys/uio.h>

enum { RANGES = 48, RANGE_PAGES = BESIDE / RANGES, RACERS = 3 };

static char *range_at(int range) {
    return address(&beside, range * RANGE_PAGES);
}

static uint64_t range_content(const struct course *course, int range) {
    return mix(course->seed * 31 + (uint64_t)range);
}

static void *take_away(void *argument) {
    (void)argument;
    for (int i = 0; i < RANGES; i++) {
        long answer = i % 2 == 0 ? munmap(range_at(i), RANGE_PAGES * PAGE)
                                 : madvise(range_at(i), RANGE_PAGES * PAGE, MADV_DONTNEED);
        CHECK(answer == 0);
    }
    return NULL;
}

/* Whether a page is mapped; its content is then in the buffer. */
static int read_page(const char *at, char *buffer) {
    struct iovec to = {buffer, PAGE}, from = {(char *)at, PAGE};
    return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)PAGE;
}

static void check_range(struct course *course, int range) {
    static char page[PAGE];
    int whole = 0, zero = 0;
    for (int i = 0; i < RANGE_PAGES; i++) {
        if (read_page(range_at(range) + i * PAGE, page)) {
            whole += holds(page, range_content(course, range));
            zero += holds(page, 0);
        } else {
            char *at = range_at(range) + i * PAGE;
            char *anew = mmap(at, PAGE, READ_WRITE, PRIVATE_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
            if (anew != at || !holds(at, 0)) {
                fail(course, "page %d of range %d is not fresh", i, range);
            }
        }
    }
    int gone = range % 2 == 0 ? whole == 0 && zero == 0 : zero == RANGE_PAGES;
    if (whole != RANGE_PAGES && !gone) {
        fail(course, "range %d: %d pages as they were, %d zero", range, whole, zero);
    }
}

static void fork_beside_taking(struct course *course) {
    pthread_t thread;
    pid_t children[RACERS];
    course->action = "fork beside taking away";
    CHECK(mmap(beside.base, BESIDE * PAGE, READ_WRITE, PRIVATE_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
               0) == beside.base);
    for (int i = 0; i < BESIDE; i++) {
        write_page(address(&beside, i), range_content(course, i / RANGE_PAGES));
    }
    pressure();
    CHECK(pthread_create(&thread, NULL, take_away, NULL) == 0);
    for (int i = 0; i < RACERS; i++) {
        children[i] = fork();
        CHECK(children[i] != -1);
        for (int range = 0; children[i] == 0 && range < RANGES; range++) {
            check_range(course, range);
        }
        if (children[i] == 0) {
            _exit(0);
        }
    }
    for (int i = 0; i < RACERS; i++) {
        join(course, children[i]);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    expect(course, munmap(beside.base, BESIDE * PAGE), 0);
}

#endif

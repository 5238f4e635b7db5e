/* What a random program does to pages without moving them: advice, locks, writes. */
#ifndef LEGO_TEST_RANDOM_ADVICE_H
#define LEGO_TEST_RANDOM_ADVICE_H

#include "mappings.h"

enum {
    ADVICE_COLD = 20,
    ADVICE_PAGEOUT = 21,
    ADVICE_POPULATE_READ = 22,
    ADVICE_POPULATE_WRITE = 23
};

static inline long advise(const struct area *area, int from, int count, int advice) {
    return madvise(address(area, from), (size_t)count * PAGE, advice);
}

/* Drops all that is mapped; holes are told by ENOMEM, and locked memory refuses as a whole. */
static inline void drop(struct course *course, struct area *area, int from, int count) {
    int locked = 0, mapped = 0;
    for (int i = from; i < from + count; i++) {
        locked += area->page[i].locked;
        mapped += area->page[i].mapped;
    }
    if (locked != 0 && locked != count) {
        return; /* how far it comes is not told */
    }
    int wanted = locked ? EINVAL : mapped < count ? ENOMEM : 0;
    expect(course, advise(area, from, count, MADV_DONTNEED), wanted);
    for (int i = from; i < from + count && !locked; i++) {
        area->page[i].content = area->page[i].file ? file_content(area->page[i].file - 1) : 0;
        area->page[i].freed = 0;
    }
}

static inline void free_lazily(struct course *course, struct area *area, int from, int count) {
    if (!all(area, from, count, MAPPED | ANONYMOUS | UNLOCKED)) {
        return;
    }
    expect(course, advise(area, from, count, MADV_FREE), 0);
    for (int i = from; i < from + count; i++) {
        area->page[i].freed = 1;
    }
}

/* Advice that changes nothing that can be seen. */
static inline void harmless(struct course *course, struct area *area, int from, int count) {
    static const int advice[] = {ADVICE_COLD, ADVICE_PAGEOUT, MADV_SEQUENTIAL,
                                 ADVICE_POPULATE_READ, ADVICE_POPULATE_WRITE};
    int which = below(course, 5);
    if (!all(area, from, count, MAPPED | UNLOCKED | READABLE) ||
        (which == 4 && !all(area, from, count, WRITABLE))) {
        return;
    }
    expect(course, advise(area, from, count, advice[which]), 0);
    if (which == 2) {
        expect(course, advise(area, from, count, MADV_NORMAL), 0);
        part(course, area, from, count);
    }
}

static inline void advise_for_children(struct course *course, int from, int count) {
    struct area *area = &course->area;
    static const int advice[] = {MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_DONTFORK, MADV_DOFORK};
    int which = below(course, 4);
    if (!all(area, from, count, MAPPED | ANONYMOUS)) {
        return;
    }
    expect(course, advise(area, from, count, advice[which]), 0);
    part(course, area, from, count);
    for (int i = from; i < from + count; i++) {
        struct page *page = &area->page[i];
        page->wiped = which < 2 ? which == 0 : page->wiped;
        page->withheld = which >= 2 ? which == 2 : page->withheld;
    }
}

static inline void lock(struct course *course, int from, int count) {
    struct area *area = &course->area;
    int locked = 0;
    for (int i = 0; i < area->pages; i++) {
        locked += area->page[i].locked;
    }
    if (count > LOCKED_MAX - locked || !all(area, from, count, MAPPED | READABLE | UNLOCKED)) {
        return;
    }
    expect(course, mlock(address(area, from), (size_t)count * PAGE), 0);
    part(course, area, from, count);
    for (int i = from; i < from + count; i++) {
        area->page[i].locked = 1;
    }
}

static inline void unlock(struct course *course, int from, int count) {
    struct area *area = &course->area;
    if (!all(area, from, count, MAPPED)) {
        return;
    }
    expect(course, munlock(address(area, from), (size_t)count * PAGE), 0);
    part(course, area, from, count);
    for (int i = from; i < from + count; i++) {
        area->page[i].locked = 0;
    }
}

/* The kernel itself reads and writes the pages: through a pipe and back. */
static inline void through_a_pipe(struct course *course, int from) {
    struct area *area = &course->area;
    int pipes[2];
    if (!all(area, from, 2, MAPPED) || area->page[from].protection == PROT_NONE ||
        area->page[from + 1].protection != READ_WRITE || area->page[from].freed) {
        return;
    }
    CHECK(pipe(pipes) == 0);
    ssize_t written = write(pipes[1], address(area, from), PAGE);
    ssize_t got = read(pipes[0], address(area, from + 1), PAGE);
    CHECK(close(pipes[0]) == 0 && close(pipes[1]) == 0);
    if (written != (ssize_t)PAGE || got != (ssize_t)PAGE) {
        fail(course, "%zd bytes written, %zd read", written, got);
    }
    area->page[from + 1].content = area->page[from].content;
    area->page[from + 1].freed = 0;
}

#endif

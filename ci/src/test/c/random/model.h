/*
 * The model that a random program keeps of its own memory: for each page of an area whether it is
 * mapped, with what protection and flags, and what it must hold. Addresses are in no decision, so that a
 * seed means the same wherever the areas lie.
 */
#ifndef LEGO_TEST_RANDOM_MODEL_H
#define LEGO_TEST_RANDOM_MODEL_H

#include "../check.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE, FILE_PAGES = 64, LOCKED_MAX = 16 };

/* What one page is like. Pages of one mapping that were never treated apart have the same origin:
 * these surely lie in one VMA, which mremap asks for. */
struct page {
    uint64_t content; /* 0: zeros */
    uint32_t origin;
    uint16_t file; /* page of the file behind it, plus 1; 0 when there is none */
    uint8_t mapped, protection, locked, wiped, withheld;
    uint8_t freed; /* after MADV_FREE: the content or zeros, until it is written */
};

struct area {
    const char *name;
    char *base;
    int pages;
    struct page *page;
};

/* One thread of decisions. */
struct course {
    uint64_t seed, random, digest, contents;
    int process, step;
    uint32_t origins;
    struct area area; /* the one in which it maps and moves */
    const char *action;
    int from, count;
};

static inline uint64_t next(struct course *course) {
    course->random += 0x9e3779b97f4a7c15ULL;
    return mix(course->random);
}

static inline int below(struct course *course, int bound) {
    return (int)(next(course) % (uint64_t)bound);
}

static inline void note(struct course *course, uint64_t value) {
    course->digest = mix(course->digest * 31 + value);
}

__attribute__((format(printf, 2, 3), noreturn, unused)) static void fail(struct course *course,
                                                                         const char *format, ...) {
    char line[400];
    int length = snprintf(line, sizeof line, "seed %llu: process %d, step %d, %s(%d, %d) of %s: ",
                          (unsigned long long)course->seed, course->process, course->step,
                          course->action, course->from, course->count, course->area.name);
    va_list arguments;
    va_start(arguments, format);
    length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
    va_end(arguments);
    line[length++] = '\n';
    ssize_t written = write(STDOUT_FILENO, line, (size_t)length);
    _exit(written > 0 ? 3 : 4);
}

static inline char *address(const struct area *area, int page) {
    return area->base + (size_t)page * PAGE;
}

static inline uint64_t file_content(int page) {
    return 0xf11e0000ULL + (uint64_t)page;
}

static inline void write_page(char *at, uint64_t content) {
    uint64_t *words = (uint64_t *)at;
    for (size_t i = 0; i < PAGE / sizeof *words; i++) {
        words[i] = mix(content * 512 + i);
    }
}

static inline int holds(const char *at, uint64_t content) {
    const uint64_t *words = (const uint64_t *)at;
    for (size_t i = 0; i < PAGE / sizeof *words; i++) {
        if (words[i] != (content == 0 ? 0 : mix(content * 512 + i))) {
            return 0;
        }
    }
    return 1;
}

/* Compares readable pages with what they must hold. */
static inline void check(struct course *course, const struct area *area, int from, int count) {
    for (int i = from; i < from + count; i++) {
        const struct page *page = &area->page[i];
        if (!page->mapped || !(page->protection & PROT_READ)) {
            continue;
        }
        char *at = address(area, i);
        if (!holds(at, page->content) && !(page->freed && holds(at, 0))) {
            uint64_t first = *(uint64_t *)at;
            uint64_t wanted = page->content ? mix(page->content * 512) : 0;
            fail(course, "page %d of %s is wrong: begins with %016llx, not %016llx", i, area->name,
                 (unsigned long long)first, (unsigned long long)wanted);
        }
        note(course, page->content + (uint64_t)i);
    }
}

static inline void write_pages(struct course *course, struct area *area, int from, int count) {
    for (int i = from; i < from + count; i++) {
        struct page *page = &area->page[i];
        if (page->mapped && page->protection == READ_WRITE) {
            page->content = mix(course->seed * 1000003 + (uint64_t)course->process) +
                            ++course->contents;
            page->freed = 0;
            write_page(address(area, i), page->content);
        }
    }
}

/* Every page of the range fits: a mask of what it must be. */
enum { MAPPED = 1, FREE_PLACE = 2, ANONYMOUS = 4, UNLOCKED = 8, ONE_VMA = 16, READABLE = 32, WRITABLE = 64 };

static inline int all(const struct area *area, int from, int count, int what) {
    if (from < 0 || count < 1 || from + count > area->pages) {
        return 0;
    }
    for (int i = from; i < from + count; i++) {
        const struct page *page = &area->page[i];
        if (((what & MAPPED) && !page->mapped) || ((what & FREE_PLACE) && page->mapped) ||
            ((what & ANONYMOUS) && page->mapped && page->file) ||
            ((what & UNLOCKED) && page->locked) ||
            ((what & ONE_VMA) && page->origin != area->page[from].origin) ||
            ((what & WRITABLE) && page->protection != READ_WRITE) ||
            ((what & READABLE) && page->mapped && !(page->protection & PROT_READ))) {
            return 0;
        }
    }
    return 1;
}

/* What was one mapping is three from here on: before, the range, and behind. */
static inline void part(struct course *course, struct area *area, int from, int count) {
    uint32_t before = from + count < area->pages ? area->page[from + count].origin : 0;
    uint32_t behind = ++course->origins;
    for (int i = from + count; i < area->pages && area->page[i].mapped &&
                               area->page[i].origin == before;
         i++) {
        area->page[i].origin = behind;
    }
    uint32_t last = 0, now = 0;
    for (int i = from; i < from + count; i++) {
        if (area->page[i].origin != last || i == from) {
            last = area->page[i].origin;
            now = ++course->origins;
        }
        area->page[i].origin = now;
    }
}

static inline void forget(struct course *course, struct area *area, int from, int count) {
    part(course, area, from, count);
    memset(&area->page[from], 0, (size_t)count * sizeof *area->page);
}

static inline void mapped_anew(struct course *course, struct area *area, int from, int count,
                               int protection) {
    forget(course, area, from, count);
    uint32_t origin = ++course->origins;
    for (int i = from; i < from + count; i++) {
        area->page[i] =
            (struct page){.origin = origin, .mapped = 1, .protection = (uint8_t)protection};
    }
}

/* A child has no locks, zeros for what is wiped, and nothing where it was withheld. */
static inline void becomes_child(struct area *area) {
    for (int i = 0; i < area->pages; i++) {
        struct page *page = &area->page[i];
        page->locked = 0;
        if (page->withheld) {
            memset(page, 0, sizeof *page);
        } else if (page->wiped) {
            page->content = 0;
            page->freed = 0;
        }
    }
}

#endif

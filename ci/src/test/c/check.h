/*
 * What the test programs share: checks that end the program with a line naming the place, page
 * patterns, and pressure() that pushes everything else out of a small cache.
 */
#ifndef LEGO_TEST_CHECK_H
#define LEGO_TEST_CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL
#define MIB (1UL << 20)

#define CHECK(condition)                                                                  \
    do {                                                                                  \
        if (!(condition)) {                                                               \
            fprintf(stderr, "%s:%d: %s is false (errno %d %s)\n", __FILE__, __LINE__,     \
                    #condition, errno, strerror(errno));                                  \
            _exit(99);                                                                    \
        }                                                                                 \
    } while (0)

static inline uint64_t mix(uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9ULL;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

static inline char *map_anon(size_t bytes) {
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED);
    return at;
}

/* Every word of a page is derived from the page's number and a tag, so that a page that is lost,
 * stale, zero or swapped with another is told apart. */
static inline void fill_page(char *page, uint64_t number, uint64_t tag) {
    uint64_t *words = (uint64_t *)page;
    for (size_t i = 0; i < PAGE / sizeof *words; i++) {
        words[i] = mix(number * 1024 + i + (tag << 40));
    }
}

static inline int page_is(const char *page, uint64_t number, uint64_t tag) {
    const uint64_t *words = (const uint64_t *)page;
    for (size_t i = 0; i < PAGE / sizeof *words; i++) {
        if (words[i] != mix(number * 1024 + i + (tag << 40))) {
            return 0;
        }
    }
    return 1;
}

static inline int page_is_zero(const char *page) {
    const uint64_t *words = (const uint64_t *)page;
    for (size_t i = 0; i < PAGE / sizeof *words; i++) {
        if (words[i] != 0) {
            return 0;
        }
    }
    return 1;
}

static inline void fill(char *at, size_t bytes, uint64_t tag) {
    for (size_t page = 0; page < bytes / PAGE; page++) {
        fill_page(at + page * PAGE, page, tag);
    }
}

/* Counts the pages that do not hold what fill() put there, and names the first. */
static inline size_t bad_pages(const char *at, size_t bytes, uint64_t tag) {
    size_t bad = 0;
    for (size_t page = 0; page < bytes / PAGE; page++) {
        if (!page_is(at + page * PAGE, page, tag)) {
            if (bad++ == 0) {
                const uint64_t *words = (const uint64_t *)(at + page * PAGE);
                fprintf(stderr, "page %zu at %p is bad: first word %016llx, wanted %016llx\n", page,
                        (const void *)(at + page * PAGE), (unsigned long long)words[0],
                        (unsigned long long)mix(page * 1024 + (tag << 40)));
            }
        }
    }
    return bad;
}

static inline uint64_t checksum(const void *at, size_t bytes) {
    const unsigned char *p = at;
    uint64_t h = 1469598103934665603ULL;
    for (size_t i = 0; i < bytes; i++) {
        h = (h ^ p[i]) * 1099511628211ULL;
    }
    return h;
}

/* Bytes that surely exceed the cache the tests run with (LEGO_TEST_PRESSURE_MIB, 24 by default). */
static inline size_t pressure_bytes(void) {
    const char *mib = getenv("LEGO_TEST_PRESSURE_MIB");
    return (mib ? strtoul(mib, NULL, 10) : 24) * MIB;
}

/* Writes and re-reads a fresh range, so that whatever else was in a small cache is evicted. */
static inline void pressure(void) {
    size_t bytes = pressure_bytes();
    char *at = map_anon(bytes);
    for (size_t i = 0; i < bytes; i += PAGE) {
        *(volatile uint64_t *)(at + i) = i;
    }
    for (size_t i = 0; i < bytes; i += PAGE) {
        CHECK(*(volatile uint64_t *)(at + i) == i);
    }
    CHECK(munmap(at, bytes) == 0);
}

#endif

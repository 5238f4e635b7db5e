/*
 * A program whose pages the kernel swaps out all the time, at its own request, while it reads and
 * rewrites them at random. Under a cache that is smaller than its memory every page is in turn moved
 * out by the evictor and swapped out by the kernel.
 *
 *   swapped MIB ROUNDS
 */
#include "check.h"
#include <pthread.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

static char *area;
static size_t pages;
static volatile int over;

static void *swap_out(void *unused) {
    (void)unused;
    while (!over) {
        CHECK(madvise(area, pages * PAGE, MADV_PAGEOUT) == 0 || errno == EINVAL);
    }
    return NULL;
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    pages = strtoul(argv[1], NULL, 10) * MIB / PAGE;
    size_t rounds = strtoul(argv[2], NULL, 10);
    area = map_anon(pages * PAGE);
    uint32_t *tags = (uint32_t *)map_anon(pages * sizeof *tags);
    for (size_t p = 0; p < pages; p++) {
        fill_page(area + p * PAGE, p, 0);
    }
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, swap_out, NULL) == 0);
    size_t wrong = 0;
    for (size_t i = 0; i < rounds * pages; i++) {
        size_t p = mix(i + 1) % pages;
        wrong += !page_is(area + p * PAGE, p, tags[p]);
        if (i % 3 == 0) {
            fill_page(area + p * PAGE, p, ++tags[p]);
        }
    }
    over = 1;
    CHECK(pthread_join(thread, NULL) == 0);
    for (size_t p = 0; p < pages; p++) {
        wrong += !page_is(area + p * PAGE, p, tags[p]);
    }
    printf("wrong pages: %zu\n", wrong);
    return wrong != 0;
}
